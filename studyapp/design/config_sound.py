"""What is done to the sounds at a launch, as a study's configuration has it. Pure."""

from typing import Annotated, Literal

from pydantic import Field

from studyapp.design.config_types import Section


class Sound(Section):
    align: Literal["none", "rms", "lufs"] = Field(
        default="none",
        description=(
            "Whether the copies that participants hear are brought to one level: none; rms: the mean level over the "
            "clip; lufs: the integrated loudness of ITU-R BS.1770. The originals are never changed. Aligned copies are "
            "dithered, all alike."
        ),
    )
    target: Annotated[float, Field(ge=-70, le=0)] | None = Field(
        default=None,
        description="The level to bring them to, dBFS (RMS) or LUFS (loudness); empty for the median of the set.",
    )
    max_gain_db: float = Field(
        default=12.0,
        ge=0,
        le=40,
        description="Largest change of level in either direction, dB: a clip that needs more misses the target.",
    )
    peak_ceiling_dbfs: float = Field(
        default=-1.0,
        ge=-20,
        le=-0.1,
        description="Largest peak of an aligned copy, dBFS: a clip that would go beyond gets less gain.",
    )
    leave_out_in_doubt: bool = Field(
        default=False, description="Whether sounds whose label is in doubt are left out of the study."
    )
