#include "app/models/model_texts.h"

#include <QCoreApplication>

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
