"""How the published pipeline prepared every clip, whatever the network: parameters of `recording`."""

AS_THE_AUTHORS: dict[str, int | float | str] = {
    "mixdown": "mean",
    "resampler": "sinc_interp_kaiser",
    "lowpass_filter_width": 64,
    "rolloff": 0.9475937167399596,
    "kaiser_beta": 14.769656459379492,
    "quantised": "16 bit: nearest, clipped, divided by 32768",
}
