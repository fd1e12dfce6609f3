// ModelTexts: what the list of models says of one: whether it fits, where it would lie, in the
// language that is set: plain functions of an entry and what the list knows of it. Numbers as
// NumberFormat writes them. GUI thread only.
#pragma once

#include <QString>

#include "app/models/forecast_figures.h"
#include "app/models/model_list_model.h"

namespace sotto::app {

class NumberFormat;

// "Fits with 8,192 tokens of context, 1.9 GiB RAM"; empty: nothing is known of it.
QString modelFitText(const ModelEntry& entry, ModelListModel::Fit fit, const NumberFormat& format);

// Where it would lie, when that is not in one place: "28 of 40 layers on the graphics card, …".
QString modelPlacementText(const ModelEntry& entry, ModelListModel::Fit fit);

// What a prediction of speed follows from; empty: there is none.
QString speedNote(SpeedBasis basis);

// "11.6 GiB VRAM", or "23.5 GiB over".
QString memoryText(const ForecastFigures& figures, const NumberFormat& format);

// For which context the figures are, and what the speed follows from.
QString forecastNote(const ForecastFigures& figures, const NumberFormat& format);

// "16,384 tokens, F32, 20 layers on the graphics card"; empty: it follows Settings.
QString ownLoadText(const LoadSettings& load, const NumberFormat& format);

// Both, as one line below its name.
QString modelNote(const ModelEntry& entry, ModelListModel::Fit fit, const NumberFormat& format);

// In a word what it is, or why it cannot be used.
QString modelOriginText(const ModelEntry& entry, bool isSuggested);

// The row for a screen reader: name, format, size, and the line below its name.
QString modelSpokenText(const ModelEntry& entry, ModelListModel::Fit fit,
                        const NumberFormat& format);

}  // namespace sotto::app
