/** How far ahead a sound is scheduled, so that its first samples are never late, s. */
const LEAD_S = 0.05;
/** A reported output latency above this is taken for a fault of the driver, s. */
const LARGEST_LATENCY_S = 2;

/**
 * A sound that was started.
 * @typedef {object} Playing
 * @property {number} startsAt time of its first sample, on the audio clock, s
 * @property {number[]} starts time of the first sample of each sound, where several are played one after the other, s
 * @property {number} endsAt time after the last sample, on the audio clock, s; Infinity for a loop
 * @property {Promise<{heardMs: number}>} ended the listener has heard it to the end, or it was stopped
 * @property {() => void} stop
 */

/**
 * Plays decoded sounds at scheduled times and tells the time, all on one clock: the audio context's.
 */
export class AudioEngine {
  #context;
  #now;
  #wait;
  /** When the context last stopped running, on its own clock, s. */
  #stoppedAt = -Infinity;

  /**
   * @param {AudioContext} context made inside a gesture of the participant
   * @param {object} [options]
   * @param {() => number} [options.now] the clock of input events, ms
   * @param {(ms: number) => Promise<void>} [options.wait]
   * @param {(state: string) => void} [options.onState] called when the state of the context changes
   */
  constructor(context, options = {}) {
    this.#context = context;
    this.#now = options.now ?? (() => performance.now());
    this.#wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    context.addEventListener("statechange", () => {
      if (this.state !== "running") this.#stoppedAt = context.currentTime;
      options.onState?.(this.state);
    });
  }

  /** "running", "suspended", "closed", or "interrupted" (Safari: a call, another application). */
  get state() {
    return /** @type {string} */ (this.#context.state);
  }

  /** Ask the browser to run the context; call it inside a gesture. */
  async resume() {
    // Safari opens its output only when something is started inside the gesture.
    const silence = this.#context.createBufferSource();
    silence.buffer = this.#context.createBuffer(1, 1, this.#context.sampleRate);
    silence.connect(this.#context.destination);
    silence.start();
    await this.#context.resume();
  }

  /**
   * @param {ArrayBuffer} bytes
   * @returns {Promise<AudioBuffer>}
   */
  decode(bytes) {
    return this.#context.decodeAudioData(bytes);
  }

  /** Time from the context to the ear as the browser reports it, ms; null when it does not. */
  get outputLatencyMs() {
    const latency = this.#context.outputLatency;
    return Number.isFinite(latency) && latency >= 0 && latency <= LARGEST_LATENCY_S ? latency * 1000 : null;
  }

  /** Facts of the output, for the record. */
  get facts() {
    const base = this.#context.baseLatency;
    return {
      sample_rate_hz: this.#context.sampleRate,
      base_latency_ms: Number.isFinite(base) ? base * 1000 : null,
      output_latency_ms: this.outputLatencyMs,
    };
  }

  /**
   * The time on the audio clock of what the listener heard at a moment of the input clock, s.
   *
   * getOutputTimestamp pairs the two clocks at the output device. Where it is missing or makes no sense, the current
   * time less the output latency stands in.
   *
   * @param {number} eventMs an event's timeStamp
   */
  heardAt(eventMs) {
    const context = this.#context;
    const now = context.currentTime;
    const pair = context.getOutputTimestamp?.();
    if (pair?.contextTime && pair.performanceTime) {
      const heardNow = pair.contextTime + (this.#now() - pair.performanceTime) / 1000;
      if (heardNow <= now + LEAD_S && heardNow >= now - LARGEST_LATENCY_S)
        return pair.contextTime + (eventMs - pair.performanceTime) / 1000;
    }
    return now - (this.outputLatencyMs ?? 0) / 1000 + (eventMs - this.#now()) / 1000;
  }

  /**
   * How long after a time on the audio clock an event came, ms; null when unknown: the clock stood still in between.
   * @param {number} since s
   * @param {number} eventMs an event's timeStamp
   */
  msSince(since, eventMs) {
    if (this.state !== "running" || this.#stoppedAt >= since) return null;
    return (this.heardAt(eventMs) - since) * 1000;
  }

  /**
   * Start a sound from its beginning, or several one after the other. Every start is a whole frame of the context.
   * @param {AudioBuffer | AudioBuffer[]} sounds
   * @param {object} [options]
   * @param {number} [options.gapS] silence between two sounds
   * @param {boolean} [options.loop]
   * @param {number} [options.fadeInS]
   * @returns {Playing}
   */
  play(sounds, { gapS = 0, loop = false, fadeInS = 0 } = {}) {
    const context = this.#context;
    const rate = context.sampleRate;
    const startFrame = Math.ceil((context.currentTime + LEAD_S) * rate);
    const startsAt = startFrame / rate;
    // Nothing stands between a clip and the output: no gain node unless the sound is faded.
    const output = fadeInS > 0 ? this.#fade(startsAt, fadeInS) : context.destination;
    /** @type {number[]} */
    const starts = [];
    /** @type {AudioBufferSourceNode[]} */
    const sources = [];
    let frame = startFrame;
    for (const buffer of Array.isArray(sounds) ? sounds : [sounds]) {
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.loop = loop;
      source.connect(output);
      source.start(frame / rate);
      sources.push(source);
      starts.push(frame / rate);
      // A decoded sound has the rate of the context; one of another rate is resampled while it plays.
      frame += Math.round(buffer.duration * rate) + Math.round(gapS * rate);
    }
    const endsAt = loop ? Infinity : (frame - Math.round(gapS * rate)) / rate;
    let stopped = false;
    const stop = () => {
      if (!stopped) for (const source of sources) source.stop();
      stopped = true;
    };
    return { startsAt, starts, endsAt, stop, ended: this.#untilHeard(startsAt, endsAt, () => stopped) };
  }

  /**
   * Resolves when the listener hears a time on the audio clock, or the sound has ended otherwise.
   * @param {number} time s
   * @param {Playing} playing
   */
  async untilHeard(time, playing) {
    let isOver = false;
    playing.ended.then(() => (isOver = true));
    while (!isOver && this.heardAt(this.#now()) < time) await this.#wait(20);
  }

  /**
   * @param {number} startsAt
   * @param {number} seconds
   */
  #fade(startsAt, seconds) {
    const gain = this.#context.createGain();
    gain.gain.setValueAtTime(0, startsAt);
    gain.gain.linearRampToValueAtTime(1, startsAt + seconds);
    gain.connect(this.#context.destination);
    return gain;
  }

  /**
   * Follow the audio clock, not the wall clock: a suspended context holds the sound, and this waits with it.
   * @param {number} startsAt
   * @param {number} endsAt
   * @param {() => boolean} isStopped
   */
  async #untilHeard(startsAt, endsAt, isStopped) {
    for (;;) {
      const left = endsAt - this.heardAt(this.#now());
      const running = this.state === "running";
      if (isStopped() || this.state === "closed" || (left <= 0 && this.#context.currentTime >= endsAt)) break;
      await this.#wait(running ? Math.min(Math.max(left * 1000, 4), 100) : 100);
    }
    const heard = Math.min(this.#context.currentTime, endsAt) - startsAt;
    return { heardMs: Math.max(0, heard) * 1000 };
  }
}
