// The words of docs/participant_protocol.md as types, for the checker. Nothing here runs.

/** @typedef {{value: string, label: string}} Choice */
/** @typedef {{code: string, label: string, needs_text: boolean}} Reason */
/** @typedef {{html: string, agree_label: string, decline_label: string}} Consent */
/**
 * @typedef {object} Screening
 * @property {string} test
 * @property {string} question
 * @property {number} attempt 1 for the first
 * @property {number} attempts how many there are at most
 * @property {number} position from 0
 * @property {number} n_trials
 * @property {boolean} played the sound of this trial was started before
 * @property {number} wait_ms how long the server will still refuse an answer
 * @property {string} sound
 * @property {string | null} next_sound
 * @property {number[]} answers
 * @property {boolean} failed_before
 */
/**
 * @typedef {object} Trial
 * @property {number} position from 0
 * @property {number} n_trials
 * @property {"play" | "answer" | "reason"} phase
 * @property {string | null} answer the participant's own, in the phase reason
 * @property {number} wait_ms how long the server will still refuse an answer
 * @property {string | null} category
 * @property {string} sound
 * @property {string | null} next_sound
 * @property {number} duration_s
 * @property {number} plays_left how many plays the server would grant now
 * @property {Choice[]} choices in the order shown
 * @property {unknown} confidence
 * @property {Reason[]} reasons
 * @property {string} reason_mode
 */
/** @typedef {{outcome: string, heading: string, html: string, completion_code: string | null}} End */
/**
 * @typedef {object} State
 * @property {string} step
 * @property {string} title
 * @property {string} session
 * @property {{done: number, total: number}} progress
 * @property {Consent} [consent]
 * @property {{sound: string}} [volume]
 * @property {Screening} [screening]
 * @property {{html: string}} [instructions]
 * @property {Trial} [trial]
 * @property {End} [end]
 */

/**
 * What a screen may use of the page.
 * @typedef {object} App
 * @property {import("./sound-store.js").SoundStore} sounds
 * @property {() => import("./audio-engine.js").AudioEngine} unlock makes or wakes the audio; call it inside a gesture
 * @property {() => Promise<void>} running resolves when the audio runs; asks for a gesture where one is needed
 * @property {(action: string, body?: Record<string, unknown>) => Promise<boolean>} send sends, then shows the answer's
 *   state; false when the server refused
 * @property {() => Promise<void>} sync ask the server where the session stands, and show it
 * @property {(event: string, data?: Record<string, unknown>) => void} note
 * @property {(text: string) => void} say for screen readers
 * @property {(text: string) => void} warn shown above the screen until the next step
 * @property {(name: string, value: string) => void} mark a data attribute of the page, for tests and for styles
 */

/** @typedef {Record<string, (event: KeyboardEvent) => void>} KeyMap */

/**
 * @typedef {object} Screen
 * @property {HTMLElement} element
 * @property {KeyMap} [keys]
 * @property {(state: State) => void} [refresh] a newer state of the same screen
 * @property {() => void} [leave]
 */

export {};
