// Watches jobs: every element with data-job="ADDRESS" shows the progress that the address answers, and when a job ends
// the page is loaded again, so that its results stand there. Each answer is also sent as a "job-progress" event.

const EVERY_MS = 2000;
const PATIENCE = 5; // failed requests in a row before it gives up

/** @typedef {{state: string, is_open: boolean, n_done: number, n_total: number, unit: string, seconds_left: number | null,
 *   detail?: string, curves_at?: string}} Progress */

/**
 * @param {number | null} seconds
 * @returns {string}
 */
export function timeLeft(seconds) {
  if (seconds === null) return "";
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `about ${minutes} min left` : `about ${Math.round(minutes / 60)} h left`;
}

/**
 * How fast the work goes, at the pace that the time left is told by.
 * @param {Progress} progress
 * @returns {string}
 */
export function rate({ n_done, n_total, unit, seconds_left }) {
  if (!seconds_left || n_done >= n_total) return "";
  const a_second = (n_total - n_done) / seconds_left;
  return a_second >= 1 ? `${a_second.toFixed(1)} ${unit} a second` : `${(60 * a_second).toFixed(1)} ${unit} a minute`;
}

/**
 * @param {HTMLElement} job
 * @param {Progress} progress
 */
export function showProgress(job, progress) {
  const state = job.querySelector("[data-job-state]");
  const bar = /** @type {HTMLProgressElement | null} */ (job.querySelector("[data-job-bar]"));
  const count = job.querySelector("[data-job-count]");
  const left = job.querySelector("[data-job-left]");
  const detail = job.querySelector("[data-job-detail]");
  if (detail && progress.detail !== undefined) detail.textContent = progress.detail;
  const wait = /** @type {HTMLElement | null} */ (job.querySelector("[data-job-wait]"));
  if (wait) wait.hidden = progress.state !== "queued";
  if (state) state.textContent = progress.state;
  if (bar) {
    bar.max = progress.n_total;
    bar.value = progress.n_done;
  }
  // Until a worker begins, nobody knows how many parts a report has.
  if (count) count.textContent = progress.n_total ? `${progress.n_done} of ${progress.n_total} ${progress.unit}` : "";
  if (left) left.textContent = [rate(progress), timeLeft(progress.seconds_left)].filter(Boolean).join(", ");
}

/** @param {HTMLElement} job */
function watch(job) {
  let failures = 0;
  const ask = async () => {
    try {
      const answer = await fetch(job.dataset.job ?? "", { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const progress = /** @type {Progress} */ (await answer.json());
      failures = 0;
      showProgress(job, progress);
      job.dispatchEvent(new CustomEvent("job-progress", { detail: progress, bubbles: true }));
      if (!progress.is_open) {
        window.location.reload();
        return;
      }
    } catch {
      failures += 1;
      if (failures >= PATIENCE) {
        const left = job.querySelector("[data-job-left]");
        if (left) left.textContent = "The server does not answer. Load the page again.";
        return;
      }
    }
    setTimeout(ask, EVERY_MS);
  };
  setTimeout(ask, EVERY_MS);
}

if (typeof document !== "undefined") {
  document.querySelectorAll("[data-job]").forEach((job) => watch(/** @type {HTMLElement} */ (job)));
}
