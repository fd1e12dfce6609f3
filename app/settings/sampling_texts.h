// SamplingTexts: the words of the sampling settings, how their values are written, and what may be
// typed. Pure functions of a setting; texts are in the language of the moment, numbers as
// NumberFormat writes them. GUI thread only.
#pragma once

#include <QString>

#include "app/core/settings_layers.h"

namespace sotto::app {

class NumberFormat;

inline constexpr int kSamplingDecimals = 2;  // of settings that are no whole numbers

// -1 stands for "not set": these can be without a value.
bool canBeUnset(const NumberSetting& setting);

QString samplingName(const NumberSetting& setting);
QString samplingExplanation(const NumberSetting& setting);
// "0.30", "random", "no limit"
QString samplingValue(const NumberSetting& setting, double value, const NumberFormat& format);
// "From 0 to 5", "From 0 to 10,000,000, or empty for no limit"
QString samplingRange(const NumberSetting& setting, const NumberFormat& format);

}  // namespace sotto::app
