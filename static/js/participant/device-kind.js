/**
 * What kind of device the page runs on, from what the browser says of itself.
 *
 * @param {object} facts
 * @param {string} facts.userAgent
 * @param {boolean | undefined} facts.isMobile navigator.userAgentData.mobile, where there is one
 * @param {number} facts.maxTouchPoints
 * @param {boolean} facts.isCoarse whether there is only a coarse pointer and no hovering
 * @returns {"desktop" | "tablet" | "phone"}
 */
export function deviceKind({ userAgent, isMobile, maxTouchPoints, isCoarse }) {
  if (/iPad|Tablet|PlayBook|Silk/i.test(userAgent)) return "tablet";
  if (/Android/i.test(userAgent) && !/Mobile/i.test(userAgent)) return "tablet";
  // An iPad says that it is a Mac; no Mac has a touch screen.
  if (/Macintosh/.test(userAgent) && maxTouchPoints > 1) return "tablet";
  if (isMobile || /iPhone|iPod|Android|Mobi/i.test(userAgent)) return "phone";
  return isCoarse && maxTouchPoints > 0 && !/Windows|CrOS|X11/.test(userAgent) ? "tablet" : "desktop";
}

/** What this browser says of itself. */
export function deviceFacts() {
  const agent = /** @type {{userAgentData?: {mobile: boolean}}} */ (navigator).userAgentData;
  return {
    userAgent: navigator.userAgent,
    isMobile: agent?.mobile,
    maxTouchPoints: navigator.maxTouchPoints ?? 0,
    isCoarse: matchMedia("(hover: none) and (pointer: coarse)").matches,
  };
}
