// The page on which an experimenter listens through clips, one after another, with keys or buttons. The server says what
// may be shown of a clip; the page knows it by its place in the pass alone.

import { makeNotes } from "./clip-notes.js";
import { actionOf } from "./listen-keys.js";
import { part, press, showFacts, tagButton, tagOf } from "./listen-parts.js";
import { followSound } from "./listen-sound.js";
import { drawAxes } from "./sound-axes.js";

const NOTE_AFTER_MS = 800; // since the last letter
const TAG_KEYS = 9;

/** @typedef {import("./clip-notes.js").Clip} Clip */
/** @typedef {import("./clip-notes.js").Changes} Changes */

class ListenPage {
  root = /** @type {HTMLElement} */ (part("page"));
  note = /** @type {HTMLTextAreaElement} */ (part("note"));
  scale = /** @type {HTMLSelectElement} */ (part("scale"));
  audio = new Audio();
  clips = this.root.dataset.clips ?? "";
  n = Number(this.root.dataset.n);
  place = Number(this.root.dataset.place);
  /** @type {Clip | null} null until the server has said what is stored of the clip at this place */
  clip = null;
  timer = 0;
  /** @type {(() => void)[]} what was asked for before the clip had come */
  early = [];
  notes = makeNotes((place, changes) => this.post(place, changes), {
    onStored: (stored) => this.onStored(stored),
    onRefused: (words) => this.complain(`Not stored. ${words}`),
    onWaiting: () => this.say("The server does not answer. What you said is kept here and sent again."),
  });

  /**
   * @param {number} place
   * @param {Changes} changes
   */
  post(place, changes) {
    const token = /** @type {HTMLInputElement} */ (this.root.querySelector("[name=csrfmiddlewaretoken]")).value;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    return fetch(this.clips + place, { method: "POST", headers, body: JSON.stringify(changes) });
  }

  /** @param {string} words */
  say(words) {
    part("status").textContent = words;
  }

  /** @param {string} words */
  complain(words) {
    const error = /** @type {HTMLElement} */ (part("error"));
    error.hidden = !words;
    error.textContent = words;
  }

  /** @param {Clip} stored */
  onStored(stored) {
    this.complain("");
    if (stored.place !== this.place) return;
    if (this.clip) {
      // What was changed since it was sent is on its way and stays on the page.
      if (!this.notes.isWaiting) this.show(stored);
      this.say("Stored.");
      return;
    }
    const typed = this.note.value;
    this.note.value = [stored.text, typed].filter(Boolean).join("\n");
    showFacts(part("facts"), stored);
    this.show(stored);
    this.drawAxes();
    this.early.splice(0).forEach((deed) => deed());
    if (typed) this.storeNote();
  }

  /** @param {() => void} deed done now, or as soon as it is known what is stored of the clip */
  whenHere(deed) {
    if (this.clip) deed();
    else this.early.push(deed);
  }

  /** @param {Clip} clip */
  show(clip) {
    this.clip = clip;
    const known = this.tagButtons.map(tagOf);
    clip.tags.filter((tag) => !known.includes(tag)).forEach((tag) => this.offerTag(tag));
    for (const button of this.tagButtons) press(button, clip.tags.includes(tagOf(button)));
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-guess]"))) {
      press(button, clip.guess === button.dataset.guess);
    }
    const doubt = /** @type {HTMLButtonElement} */ (this.root.querySelector("[data-do=doubt]"));
    press(doubt, clip.in_doubt);
    doubt.disabled = !clip.may_doubt;
  }

  get tagButtons() {
    return /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll("[data-tag]")]);
  }

  /** @param {string} tag */
  offerTag(tag) {
    const number = this.tagButtons.length + 1;
    part("tags").append(tagButton(tag, number <= TAG_KEYS ? String(number) : ""));
  }

  drawAxes() {
    if (!this.clip) return;
    const { waveShare, lowestLogHz } = this.root.dataset;
    const numbers = { wave_share: Number(waveShare), lowest_log_hz: Number(lowestLogHz), scale: this.scale.value };
    drawAxes(part("axes"), { ...this.clip, ...numbers });
  }

  /** @param {number} place */
  picture(place) {
    return `${this.clips}${place}/picture/${this.scale.value}?recipe=${this.root.dataset.recipe}`;
  }

  /** @param {number} place */
  go(place) {
    if (place < 0) return this.say("This is the first clip.");
    if (place >= this.n) {
      /** @type {HTMLElement | null} */ (document.querySelector('[data-listen="end"]'))?.focus();
      return this.say("This was the last clip.");
    }
    if (!this.clip && (this.note.value || this.early.length)) {
      return this.say("The server has not answered yet. What you said of this clip is kept here; go on in a moment.");
    }
    this.storeNote();
    this.note.value = "";
    this.clip = null;
    this.place = place;
    this.audio.pause();
    this.audio.src = `${this.clips}${place}/sound`;
    part("title").textContent = `Clip ${place + 1} of ${this.n}`;
    /** @type {HTMLProgressElement} */ (part("progress")).value = place + 1;
    part("image").setAttribute("href", this.picture(place));
    part("cursor").setAttribute("visibility", "hidden");
    this.say("");
    this.notes.say(place);
    if (place + 1 < this.n) new Image().src = this.picture(place + 1); // it is made while this clip is heard
    return undefined;
  }

  /** @param {number} step */
  move(step) {
    const from = this.place;
    this.go(from + step);
    if (this.place !== from && /** @type {HTMLInputElement} */ (part("at-once")).checked) this.play();
  }

  async play() {
    if (!this.audio.paused) return this.audio.pause();
    try {
      await this.audio.play();
    } catch (reason) {
      const isMoved = reason instanceof DOMException && reason.name === "AbortError";
      if (!isMoved) this.say("This clip could not be played. Press Play to try again.");
    }
    return undefined;
  }

  /** @param {Changes} changes */
  change(changes) {
    if (!this.clip) return;
    this.show({ ...this.clip, ...changes });
    this.say("Storing …");
    this.notes.say(this.place, changes);
  }

  storeNote() {
    window.clearTimeout(this.timer);
    if (this.clip && this.note.value !== this.clip.text) this.change({ text: this.note.value });
  }

  /** @param {string} tag */
  toggleTag(tag) {
    this.whenHere(() => {
      const tags = this.clip?.tags ?? [];
      this.change({ tags: tags.includes(tag) ? tags.filter((each) => each !== tag) : [...tags, tag] });
    });
  }

  /** @param {string} guess */
  guess(guess) {
    if (!this.root.querySelector("[data-guess]")) return;
    this.whenHere(() => this.change({ guess: this.clip?.guess === guess ? "" : guess }));
  }

  doubt() {
    this.whenHere(() => {
      if (this.clip?.may_doubt) this.change({ in_doubt: !this.clip.in_doubt });
    });
  }

  /** @param {string} action */
  act(action) {
    if (action === "play") this.play();
    else if (action === "previous") this.move(-1);
    else if (action === "next") this.move(1);
    else if (action === "doubt") this.doubt();
    else if (action === "note") this.note.focus();
    else if (action === "leave") /** @type {HTMLElement} */ (document.activeElement).blur();
    else if (action === "real" || action === "fake") this.guess(action);
    else if (action.startsWith("tag ")) {
      const button = this.tagButtons[Number(action.slice(4)) - 1];
      if (button) this.toggleTag(tagOf(button));
    }
  }

  begin() {
    this.root.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    part("new-tag").addEventListener("submit", (event) => this.onNewTag(event));
    this.note.addEventListener("blur", () => this.storeNote());
    this.note.addEventListener("input", () => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.storeNote(), NOTE_AFTER_MS);
    });
    this.scale.addEventListener("change", () => {
      part("image").setAttribute("href", this.picture(this.place));
      this.drawAxes();
    });
    window.addEventListener("beforeunload", (event) => {
      this.storeNote();
      if (this.notes.isWaiting) event.preventDefault();
    });
    followSound(this.audio, /** @type {HTMLElement} */ (this.root.querySelector("[data-do=play]")), part("cursor"));
    this.note.value = ""; // a browser may have kept what stood here before a reload
    this.go(this.place);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const { do: action, tag, guess } = button.dataset;
    if (action) this.act(action);
    if (tag !== undefined) this.toggleTag(tag);
    if (guess) this.guess(guess);
    // After the mouse the space bar plays again; after the keyboard the focus stays where it was.
    if (event instanceof PointerEvent && event.pointerType === "mouse") button.blur();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const target = event.target instanceof Element ? event.target : null;
    const action = actionOf(event, {
      isField: target?.matches("input:not([type=checkbox]), textarea, select") ?? false,
      isButton: target?.matches("button, a, summary, input[type=checkbox]") ?? false,
    });
    if (!action) return;
    event.preventDefault();
    this.act(action);
  }

  /** @param {Event} event */
  onNewTag(event) {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (document.getElementById("new-tag"));
    const tag = field.value.trim().replace(/\s+/g, " ");
    field.value = "";
    if (tag) this.whenHere(() => this.clip?.tags.includes(tag) || this.toggleTag(tag));
  }
}

new ListenPage().begin();
