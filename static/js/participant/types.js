// The words of docs/participant_protocol.md as types, for the checker. Nothing here runs.

/** @typedef {{value: string, label: string}} Choice */
/** @typedef {{code: string, label: string, needs_text: boolean}} Reason */
/** @typedef {{code: string, label_html: string, required: boolean}} Tick */
/** @typedef {{html: string, ticks: Tick[], agree_label: string, decline_label: string}} Consent */
/**
 * @typedef {object} Question
 * @property {string} code
 * @property {string} text
 * @property {"choice" | "number" | "text"} kind
 * @property {Choice[]} options
 * @property {boolean} required
 * @property {number | null} minimum
 * @property {number | null} maximum
 */
/**
 * @typedef {object} Screening
 * @property {string} test channels, antiphase, huggins or beat
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
 * @property {{sound: string, answer: number} | null} example
 */
/**
 * @typedef {object} Trial
 * @property {number} position names the trial in actions
 * @property {number} number from 1, within the step
 * @property {number} n_trials of the step
 * @property {"break" | "play" | "answer" | "reason" | "feedback"} phase
 * @property {string} task yes_no, rating, naturalness, two_interval or beeps
 * @property {string | null} answer the participant's own, in the phases reason and feedback
 * @property {number} wait_ms how long the server will still refuse an answer
 * @property {string | null} category
 * @property {string[]} sounds one, or two that are played one after the other
 * @property {number} gap_ms silence between the two
 * @property {string[]} ahead the sounds of the rest of the block
 * @property {number} duration_s of all sounds and the gap
 * @property {number} plays_left how many plays the server would grant now
 * @property {Choice[]} choices in the order shown
 * @property {Choice[] | null} confidence
 * @property {Reason[]} reasons
 * @property {string} reason_mode
 * @property {{truth: string, label: string, is_right: boolean | null} | null} feedback
 * @property {boolean} may_skip
 */
/** @typedef {{category: string | null, answer: string, truth: string, is_right: boolean | null}} DebriefRow */
/**
 * @typedef {object} End
 * @property {string} outcome
 * @property {string} heading
 * @property {string} html
 * @property {string | null} completion_code
 * @property {string | null} withdrawal_code
 * @property {string | null} withdrawal_url
 * @property {{url: string, method: "GET" | "POST", fields: Record<string, string>} | null} exit
 * @property {{html: string, n_right: number | null, n_judged: number | null, rows: DebriefRow[]} | null} debrief
 */
/**
 * @typedef {object} State
 * @property {string} step
 * @property {string} title
 * @property {string} session
 * @property {{done: number, total: number}} progress
 * @property {"swapped" | null} notice
 * @property {Consent} [consent]
 * @property {{questions: Question[]}} [eligibility]
 * @property {{sound: string}} [volume]
 * @property {Screening} [screening]
 * @property {{html: string, questions: Question[], tries: number, wrong: string[]}} [instructions]
 * @property {Trial} [trial]
 * @property {{questions: Question[]}} [questions]
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
 * @property {(keys: KeyMap) => void} useKeys other shortcuts from now on, until the next screen
 * @property {() => Promise<void>} settled everything sent so far is acknowledged
 * @property {(name: string, value: string) => void} mark a data attribute of the page, for tests and for styles
 */

/** @typedef {Record<string, (event: KeyboardEvent) => void>} KeyMap */

/**
 * @typedef {object} Screen
 * @property {HTMLElement} element
 * @property {KeyMap} [keys]
 * @property {(state: State) => void} [refresh] a newer state of the same screen
 * @property {(progress: import("./sound-store.js").Progress) => void} [loading] the sounds are so far loaded
 * @property {() => void} [leave]
 */

export {};
