from .account import User
from .audit import AuditEntry
from .bot_run import BotRun
from .export import StudyExport
from .launch import StudyLaunch
from .listening import ListeningPass
from .machine import Machine, MachineScore
from .member import Invitation, StudyMember
from .participant import Participant, RecruiterIdentity, RecruiterVisit
from .response import ChosenReason, QuestionAnswer, Response
from .session import ClientEvent, Exclusion, ScreeningAttempt, ScreeningTrial, Session, SessionAction
from .stimulus import ClipNote, RejectedFile, SetMember, Stimulus, StimulusImport, StimulusSet
from .stored_analysis import StoredAnalysis
from .study import Block, FrozenStimulus, Study, StudyRevision, StudyVersion
from .token import ApiToken
from .trial import Play, Presentation, Trial
from .upload import StimulusUpload, UploadedFile
from .worker import Worker

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Block",
    "BotRun",
    "ChosenReason",
    "ClientEvent",
    "ClipNote",
    "Exclusion",
    "FrozenStimulus",
    "Invitation",
    "ListeningPass",
    "Machine",
    "MachineScore",
    "Participant",
    "Play",
    "Presentation",
    "QuestionAnswer",
    "RecruiterIdentity",
    "RecruiterVisit",
    "RejectedFile",
    "Response",
    "ScreeningAttempt",
    "ScreeningTrial",
    "Session",
    "SessionAction",
    "SetMember",
    "Stimulus",
    "StimulusImport",
    "StimulusSet",
    "StimulusUpload",
    "StoredAnalysis",
    "Study",
    "StudyExport",
    "StudyLaunch",
    "StudyMember",
    "StudyRevision",
    "StudyVersion",
    "Trial",
    "UploadedFile",
    "User",
    "Worker",
]
