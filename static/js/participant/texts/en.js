// The page in English. fr.js has the same names.

export const texts = {
  device: "One moment",
  deviceHelp: "Looking whether this browser can play the sounds.",
  consent: "Before you begin",
  tickFirst: "Tick this box, or choose the other button.",
  eligibility: "About you",
  questions: "A few last questions",
  questionsHelp: "You may leave out any question that is not marked as needed.",
  needed: "(needed)",
  chooseFirst: "Choose an answer.",
  writeFirst: "Write an answer.",
  /** @type {(minimum: number, maximum: number) => string} */
  numberFirst: (minimum, maximum) => `Write a whole number from ${minimum} to ${maximum}.`,
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
  channels: "Left and right",
  screening: "Headphone check",
  /** @type {Record<string, string>} */
  screeningQuestion: {
    channels: "Where did you hear the sound?",
    antiphase: "Which sound was the quietest: 1, 2 or 3?",
    huggins: "Which noise had a faint tone in it: 1, 2 or 3?",
    beat: "Which sound was the smoothest: 1, 2 or 3?",
  },
  /** @type {Record<string, string>} */
  screeningHelp: {
    channels: "Keep your headphones on. You will hear a short noise, on the left, on the right, or on both sides.",
    antiphase:
      "Keep your headphones on. You will hear three tones, one after another. You can play them once; the answers open " +
      "when the third has ended.",
    huggins:
      "Keep your headphones on. You will hear three noises, one after another; one of them has a faint tone in it. You " +
      "can play them once; the answers open when the third has ended.",
    beat:
      "Keep your headphones on. You will hear three sounds, one after another; two of them flutter, one is smooth. You " +
      "can play them once; the answers open when the third has ended.",
  },
  left: "Left",
  right: "Right",
  both: "Both sides",
  screeningAgain:
    "The first attempt did not tell us that you are wearing headphones. Please make sure that they are plugged in and " +
    "on both ears, then try once more. This is the last attempt.",
  screeningAgainMore:
    "The last attempt did not tell us that you are wearing headphones. Please make sure that they are plugged in and " +
    "on both ears, then try again.",
  channelsAgain:
    "Left and right did not come to you apart. Please make sure that your headphones are plugged in, on both ears, and " +
    "that your device does not play in mono; then try again.",
  screeningPlayed: "The sound was played before the page was loaded again. Choose what you heard; guess if you are not sure.",
  swapped: "Left and right are exchanged: please turn your headphones round.",
  example: "Hear an example",
  /** @type {(n: number) => string} */
  exampleAnswer: (n) => `In this example it is sound ${n}. Hear it as often as you like.`,
  /** @type {(n: number, total: number) => string} */
  screeningCount: (n, total) => `Check ${n} of ${total}`,
  /** @type {(n: number) => string} */
  sound: (n) => `Sound ${n}`,
  instructions: "Instructions",
  understood: "Before you go on",
  understoodWrong: "Not every answer was right. Please read the text once more, then answer again.",
  wrongAnswer: "This answer was not right.",
  next: "Continue",
  back: "Welcome back",
  backHelp: "You go on where you stopped. Put on your headphones, and keep the volume as it was.",
  practice: "Practice",
  /** @type {(n: number, total: number) => string} */
  practiceCount: (n, total) => `Practice ${n} of ${total}`,
  /** @type {(n: number, total: number) => string} */
  trialCount: (n, total) => `Sound ${n} of ${total}`,
  /** @type {(n: number, total: number) => string} */
  pairCount: (n, total) => `Pair ${n} of ${total}`,
  break: "Time for a break",
  /** @type {(done: number, total: number) => string} */
  breakHelp: (done, total) => `You have heard ${done} of ${total}. Rest as long as you like; keep your headphones and the volume as they are.`,
  /** @type {(done: number, total: number) => string} */
  loading: (done, total) => `Loading the sounds: ${done} of ${total}`,
  loaded: "The sounds are loaded.",
  loadingSlow: "Loading takes long. You can go on; some sounds may come late.",
  startAnyway: "Go on now",
  category: "Target category:",
  play: "Play the sound",
  playPair: "Play the two sounds",
  playAgain: "Play again",
  notPlayable: "This sound was already played. Choose what you heard; guess if you are not sure.",
  noPlaysLeft: "This sound cannot be played again. The answers open in a moment.",
  interrupted: "This sound cannot be played again. Answer by what you heard; guess if you are not sure.",
  ready: "Press Play when you are ready.",
  fetching: "Loading the sound…",
  playing: "Playing. Listen to the end.",
  /** @type {(n: number) => string} */
  playingNumber: (n) => `Playing sound ${n}. Listen to the end.`,
  choose: "Finished: choose now.",
  /** @type {Record<string, string>} */
  question: {
    yes_no: "Is this sound real or fake?",
    rating: "How real or fake is this sound?",
    naturalness: "How natural does this sound?",
    two_interval: "Which of the two sounds is fake?",
    beeps: "How many beeps did you hear?",
  },
  confidence: "How sure are you?",
  connectionBack: "The connection is back. Press Play when you are ready.",
  soundFailed: "The sound could not be loaded. Check your connection, then try again.",
  soundBroken: "The sound could not be read by this browser. Try again.",
  retry: "Try again",
  skip: "Skip this sound",
  endUnplayable: "End here: the sound does not play",
  /** @type {(answer: string) => string} */
  reason: (answer) => `You answered “${answer}”. Why?`,
  reasonOne: "Choose one reason.",
  reasonMany: "Choose one or more reasons.",
  reasonText: "Your reason",
  reasonFirst: "Choose a reason first.",
  reasonTextFirst: "Write your reason first.",
  feedbackRight: "Right.",
  feedbackWrong: "Not right.",
  /** @type {(truth: string) => string} */
  feedbackTruth: (truth) => `This sound is: ${truth}.`,
  /** @type {(truth: string) => string} */
  feedbackFake: (truth) => `The fake sound is: ${truth}.`,
  code: "Your completion code",
  copy: "Copy the code",
  copied: "The code is copied.",
  exit: "Go back to where you came from",
  sendingRest: "Sending your last answers. Please leave this page open.",
  debrief: "What this was about",
  /** @type {(right: number, total: number) => string} */
  score: (right, total) => `You were right about ${right} of ${total} sounds.`,
  debriefSound: "Sound",
  debriefCategory: "Category",
  debriefAnswer: "Your answer",
  debriefTruth: "What it was",
  codeHelp: "If somebody asked you for a code, this is it.",
  mayClose: "When you have kept what you need of this page, you may close it.",
  withdrawalCode: "Your withdrawal code",
  withdrawalHelp: "Keep it if you may want to withdraw later; nobody else knows it. It works on this page:",
  withdrawalPage: "withdraw from the study",
  withdraw: "Withdraw from the study",
  withdrawAsk: "Withdraw from the study?",
  withdrawHelp: "The study ends for you now and cannot be taken up again.",
  withdrawErases: "Your answers are deleted.",
  withdrawKeeps: "The answers that you gave are kept, and left out of every analysis.",
  withdrawYes: "Withdraw",
  withdrawNo: "Go on with the study",
  suspended: "The sound is paused",
  suspendedHelp: "The browser has paused the sound. Press Resume to go on.",
  resume: "Resume",
  offline: "No connection. Your answer is kept on this device and is being sent again; please leave the page open.",
  offlineUnkept: "No connection, and this browser keeps nothing on the device. Please leave this page open until it is back.",
  online: "The connection is back.",
  outOfStep: "This page was behind the study; perhaps it is open in another tab. This is where you are now.",
  blocked:
    "Something between this device and the server refuses your answers, perhaps a firewall or a sign-in page of the " +
    "network. They are kept. Try another network, then",
  /** Keys as they are printed on a keyboard. @type {Record<string, string>} */
  keyNames: { Space: "Space", Enter: "Enter" },
  refused: "The server could not take that. This is where you are now.",
  gone: "This link does not open a session",
  goneHelp: "Open the study's link again, or ask the experimenter.",
};
