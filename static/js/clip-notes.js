// What an experimenter says of clips goes to the server in the order in which it was said, one request after another.
// What a lost network kept back is sent again until it has arrived; what the server refuses is said and not sent again.

/** @typedef {{place: number, n: number, category: string, duration_s: number, top_hz: number, tags: string[], text: string,
 *   guess: string, in_doubt: boolean, may_doubt: boolean, name?: string, label?: string, generator?: string}} Clip */
/** @typedef {{tags?: string[], text?: string, guess?: string, in_doubt?: boolean}} Changes */
/** @typedef {{onStored: (clip: Clip) => void, onRefused: (words: string) => void, onWaiting: () => void}} Listeners */

const AGAIN_MS = 3000;

/**
 * @param {(place: number, changes: Changes) => Promise<Response>} post
 * @param {Listeners} listeners
 * @param {(milliseconds: number) => Promise<void>} [wait]
 */
export function makeNotes(post, { onStored, onRefused, onWaiting }, wait = sleep) {
  let line = Promise.resolve();
  let waiting = 0;

  /**
   * @param {number} place
   * @param {Changes} changes
   */
  const send = async (place, changes) => {
    for (;;) {
      let answer;
      try {
        answer = await post(place, changes);
      } catch {
        answer = null; // no network
      }
      if (answer?.ok) return onStored(/** @type {Clip} */ (await answer.json()));
      if (answer && answer.status < 500) return onRefused(await refusal(answer));
      onWaiting();
      await wait(AGAIN_MS);
    }
  };

  return {
    /**
     * @param {number} place
     * @param {Changes} [changes] none: the listener has come to this clip
     */
    say(place, changes = {}) {
      waiting += 1;
      line = line.then(() => send(place, changes)).finally(() => {
        waiting -= 1;
      });
      return line;
    },
    /** Whether something has not arrived yet. */
    get isWaiting() {
      return waiting > 0;
    },
  };
}

/** @param {number} milliseconds */
function sleep(milliseconds) {
  return /** @type {Promise<void>} */ (new Promise((resolve) => setTimeout(resolve, milliseconds)));
}

/** @param {Response} answer */
async function refusal(answer) {
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  if (isJson) return String((await answer.json()).error);
  return "The server took this for somebody who has not signed in. Load the page again.";
}
