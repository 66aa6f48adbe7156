// Every text of the page that does not come from the study.

export const texts = {
  consent: "Before you begin",
  volume: "Set your volume",
  volumeHelp:
    "Put on your headphones and play the noise. Set the volume of your device so that the noise is comfortable. " +
    "After this step, please do not change the volume until the study ends.",
  volumePlay: "Play the noise",
  volumeStop: "Stop the noise",
  volumeDone: "The volume is comfortable",
  volumeFirst: "Play the noise first.",
  noisePlaying: "The noise is playing.",
  noiseStopped: "The noise has stopped.",
  screening: "Headphone check",
  screeningHelp: "Keep your headphones on. You will hear three tones, one after another. You can play them once; the answers open when " +
    "the third has ended.",
  screeningAgain:
    "The first attempt did not tell us that you are wearing headphones. Please make sure that they are plugged in and " +
    "on both ears, then try once more. This is the last attempt.",
  screeningAgainMore:
    "The last attempt did not tell us that you are wearing headphones. Please make sure that they are plugged in and " +
    "on both ears, then try again.",
  screeningPlayed: "The tones were played before the page was loaded again. Choose what you heard; guess if you are not sure.",
  /** @type {(n: number, total: number) => string} */
  screeningCount: (n, total) => `Check ${n} of ${total}`,
  /** @type {(n: number) => string} */
  sound: (n) => `Sound ${n}`,
  instructions: "Instructions",
  next: "Continue",
  back: "Welcome back",
  backHelp: "You go on where you stopped. Put on your headphones, and keep the volume as it was.",
  /** @type {(n: number, total: number) => string} */
  trialCount: (n, total) => `Sound ${n} of ${total}`,
  category: "Target category:",
  play: "Play the sound",
  playAgain: "Play again",
  notPlayable: "This sound was already played. Choose what you heard; guess if you are not sure.",
  noPlaysLeft: "This sound cannot be played again. The answers open in a moment.",
  interrupted: "This sound cannot be played again. Answer by what you heard; guess if you are not sure.",
  ready: "Press Play when you are ready.",
  fetching: "Loading the sound…",
  playing: "Playing. Listen to the end.",
  choose: "Finished: choose now.",
  question: "Is this sound real or fake?",
  connectionBack: "The connection is back. Press Play when you are ready.",
  soundFailed: "The sound could not be loaded. Check your connection, then try again.",
  soundBroken: "The sound could not be read by this browser. Try again; if it fails again, tell the experimenter.",
  retry: "Try again",
  /** @type {(answer: string) => string} */
  reason: (answer) => `You answered “${answer}”. Why?`,
  reasonOne: "Choose one reason.",
  reasonMany: "Choose one or more reasons.",
  reasonText: "Your reason",
  reasonFirst: "Choose a reason first.",
  reasonTextFirst: "Write your reason first.",
  code: "Your completion code",
  copy: "Copy the code",
  copied: "The code is copied.",
  suspended: "The sound is paused",
  suspendedHelp: "The browser has paused the sound. Press Resume to go on.",
  resume: "Resume",
  offline: "No connection. Your answer is kept on this page and is being sent again; please leave the page open.",
  online: "The connection is back.",
  outOfStep: "This page was behind the study; perhaps it is open in another tab. This is where you are now.",
  refused: "The server could not take that. This is where you are now.",
  gone: "This link does not open a session",
  goneHelp: "Open the study's link again, or ask the experimenter.",
  noAudio: "This browser cannot play the sounds of this study. Please use a current Firefox, Chrome, Edge or Safari.",
};
