/**
 * What a participant costs: pay by the hour, and the recruiter's fee on it.
 * @param {number} minutes
 * @param {number} rate an hour
 * @param {number} feePercent
 */
export const costOf = (minutes, rate, feePercent) => (minutes / 60) * rate * (1 + feePercent / 100);

/**
 * Show the cost beside the estimate. The rate and the fee are kept in this browser.
 * @param {HTMLElement} place with data-minutes
 */
export function showCost(place) {
  const [rate, fee] = /** @type {HTMLInputElement[]} */ (Array.from(place.querySelectorAll("input")));
  const sum = /** @type {HTMLElement} */ (place.querySelector("output"));
  for (const input of [rate, fee]) input.value = kept(input.id) ?? input.value;
  const show = () => {
    const cost = costOf(Number(place.dataset.minutes), Number(rate.value), Number(fee.value));
    sum.textContent = Number.isFinite(cost) ? cost.toFixed(2) : "";
    keep(rate);
    keep(fee);
  };
  place.addEventListener("input", show);
  place.hidden = false;
  show();
  return show;
}

/** @param {string} name */
function kept(name) {
  try {
    return localStorage.getItem(`earwitness-${name}`);
  } catch {
    return null; // a private window
  }
}

/** @param {HTMLInputElement} input */
function keep(input) {
  try {
    localStorage.setItem(`earwitness-${input.id}`, input.value);
  } catch {
    // The fields work without.
  }
}
