#include "app/models/model_texts.h"

#include <QCoreApplication>

#include "app/settings/setting_choices.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

struct ModelText {
    Q_DECLARE_TR_FUNCTIONS(ModelText)
};

}  // namespace

QString modelFitText(const ModelEntry& entry, ModelListModel::Fit fit, const NumberFormat& format) {
    const auto total = static_cast<double>(entry.memoryBytes);
    const auto onCard = static_cast<double>(entry.cardBytes);
    const QString context = format.count(entry.contextTokens);
    switch (fit) {
        case ModelListModel::IsLoaded:
            return ModelText::tr("Loaded, %1 tokens of context").arg(context);
        case ModelListModel::Fits:
            return ModelText::tr("Fits with %1 tokens of context, %2")
                .arg(context, format.memoryOn(total - onCard, onCard));
        case ModelListModel::FitsShorter:
            return ModelText::tr("Fits with a shorter context, %1 tokens, %2")
                .arg(context, format.memoryOn(total - onCard, onCard));
        case ModelListModel::DoesNotFit:
            return entry.problem.isEmpty() ? ModelText::tr("Needs %1 of memory, more than is free")
                                                 .arg(format.memory(total))
                                           : entry.problem;
        case ModelListModel::Unreadable: return entry.problem;
        case ModelListModel::Unknown: break;
    }
    return entry.memoryBytes > 0 ? ModelText::tr("Needs %1 of memory").arg(format.memory(total))
                                 : QString();
}

QString speedNote(SpeedBasis basis) {
    switch (basis) {
        case SpeedBasis::Unknown: break;
        case SpeedBasis::DataSheet:
            return ModelText::tr(
                "The graphics card's bandwidth by its data sheet over the bytes read for each "
                "token. It is measured when a model is loaded.");
        case SpeedBasis::Bandwidth:
            return ModelText::tr(
                "By the measured read bandwidth alone, over the bytes read for each token: it will "
                "rather be less. How fast each format is read is measured while nothing is "
                "written.");
        case SpeedBasis::Rates:
            return ModelText::tr(
                "The bytes read for each token, at the rates that were measured here for each of "
                "its formats.");
    }
    return {};
}

QString memoryText(const ForecastFigures& figures, const NumberFormat& format) {
    if (figures.missing > 0)
        return ModelText::tr("%1 over").arg(format.memory(static_cast<double>(figures.missing)));
    return format.memoryOn(static_cast<double>(figures.processorBytes),
                           static_cast<double>(figures.cardBytes));
}

QString forecastNote(const ForecastFigures& figures, const NumberFormat& format) {
    const QString tokens = format.tokens(figures.contextTokens);
    const QString context =
        figures.isTight ? ModelText::tr("It fits with a shorter context only: %1.").arg(tokens)
                        : ModelText::tr("For a context of %1.").arg(tokens);
    const QString speed = speedNote(figures.basis);
    return speed.isEmpty() ? context : context + QLatin1Char('\n') + speed;
}

QString ownLoadText(const LoadSettings& load, const NumberFormat& format) {
    QStringList parts;
    if (load.contextTokens == kOwnContext)
        parts << ModelText::tr("the model's own context");
    else if (load.contextTokens == 0)
        parts << ModelText::tr("the longest context that fits");
    else if (load.contextTokens)
        parts << format.tokens(static_cast<int>(*load.contextTokens));
    if (load.kvType) parts << kvTypeName(QString::fromStdString(*load.kvType));
    if (load.device)
        parts << (*load.device == "cpu" ? ModelText::tr("on the processor")
                                        : ModelText::tr("on the graphics card"));
    if (load.gpuLayers)
        parts << ModelText::tr("%n layer(s) on the graphics card", "", *load.gpuLayers);
    return parts.join(ModelText::tr(", "));
}

QString modelPlacementText(const ModelEntry& entry, ModelListModel::Fit fit) {
    if (fit != ModelListModel::Fits && fit != ModelListModel::FitsShorter) return {};
    switch (entry.placement) {
        case ModelListModel::Split:
            return ModelText::tr(
                       "%1 of %2 layers on the graphics card, the others on the processor.")
                .arg(entry.nCardLayers)
                .arg(entry.nLayers);
        case ModelListModel::CardTooSmall:
            return ModelText::tr("On the processor: too large for the free graphics memory.");
        case ModelListModel::OnProcessor:
        case ModelListModel::OnCard: break;
    }
    return {};
}

QString modelNote(const ModelEntry& entry, ModelListModel::Fit fit, const NumberFormat& format) {
    if (entry.isDemo && fit != ModelListModel::IsLoaded && fit != ModelListModel::Unreadable)
        return ModelText::tr("Built in, for a first try. It tells simple stories.");
    const QString fits = modelFitText(entry, fit, format);
    const QString placement = modelPlacementText(entry, fit);
    return placement.isEmpty() ? fits : ModelText::tr("%1. %2").arg(fits, placement);
}

QString modelOriginText(const ModelEntry& entry, bool isSuggested) {
    if (!entry.problem.isEmpty()) return entry.problem;
    if (entry.isDemo) return ModelText::tr("A toy for trying things out.");
    if (isSuggested) return ModelText::tr("Suits this computer best.");
    return entry.distinction.isEmpty() ? entry.fileName : entry.distinction;
}

QString modelSpokenText(const ModelEntry& entry, ModelListModel::Fit fit,
                        const NumberFormat& format) {
    const QString name = entry.distinction.isEmpty()
                             ? entry.name
                             : ModelText::tr("%1, %2").arg(entry.name, entry.distinction);
    return ModelText::tr("%1, %2, %3. %4")
        .arg(name, entry.quantization, format.fileSize(static_cast<double>(entry.fileBytes)),
             modelNote(entry, fit, format));
}

}  // namespace sotto::app
