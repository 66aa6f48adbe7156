// An audio context whose clock moves only when the test says so.

export class FakeContext extends EventTarget {
  state = "suspended";
  currentTime = 0;
  sampleRate = 48000;
  baseLatency = 0.01;
  /** @type {number | undefined} */
  outputLatency = 0.02;
  /** @type {{contextTime: number, performanceTime: number} | null} */
  pair = null;
  destination = {};
  /** @type {any[]} */
  sources = [];

  getOutputTimestamp() {
    return this.pair ?? { contextTime: 0, performanceTime: 0 };
  }

  createBuffer() {
    return { duration: 1 / 48000 };
  }

  createBufferSource() {
    const source = {
      buffer: /** @type {any} */ (null),
      loop: false,
      startedAt: /** @type {number | null} */ (null),
      isStopped: false,
      connectedTo: /** @type {any} */ (null),
      connect(/** @type {any} */ node) {
        source.connectedTo = node;
        return node;
      },
      start(/** @type {number} */ when = 0) {
        source.startedAt = when;
      },
      stop() {
        source.isStopped = true;
      },
    };
    this.sources.push(source);
    return source;
  }

  createGain() {
    /** @type {[string, number, number][]} */
    const calls = [];
    return {
      calls,
      gain: {
        setValueAtTime: (/** @type {number} */ value, /** @type {number} */ at) => calls.push(["set", value, at]),
        linearRampToValueAtTime: (/** @type {number} */ value, /** @type {number} */ at) => calls.push(["ramp", value, at]),
      },
      connect: () => {},
    };
  }

  async resume() {
    this.turn("running");
  }

  /** @param {string} state */
  turn(state) {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}
