// Shows whether a sound plays, on its button, and where in its picture it is.

import { FRAME } from "./sound-axes.js";

/**
 * @param {HTMLAudioElement} audio
 * @param {HTMLElement} button
 * @param {Element} cursor a line of the drawing
 */
export function followSound(audio, button, cursor) {
  const follow = () => {
    const x = String(FRAME.left + (FRAME.width * audio.currentTime) / (audio.duration || 1));
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    if (!audio.paused) requestAnimationFrame(follow);
  };
  audio.addEventListener("play", () => {
    button.textContent = "❚❚ Pause";
    cursor.setAttribute("visibility", "visible");
    follow();
  });
  audio.addEventListener("pause", () => {
    button.textContent = "▶ Play";
  });
}
