#include "app/workshop/quantize_texts.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QStringList>
#include <algorithm>

#include "app/bridge/error_text.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

struct QuantizeText {
    Q_DECLARE_TR_FUNCTIONS(QuantizeText)
};

QString nameOfFile(const std::filesystem::path& path) {
    return QString::fromStdString(path.filename().string());
}

}  // namespace

QString importanceTitle(const QString& path, const QString& folder) {
    const QString name = QFileInfo(path).fileName();
    const QString owner = importanceOwner(path, folder);
    return owner.isEmpty()
               ? name
               : QuantizeText::tr("%1 of %2", "file, who has published it").arg(name, owner);
}

QString measuredTitle(const QString& text) {
    return text.isEmpty()
               ? QuantizeText::tr("Measured first, on the built-in text")
               : QuantizeText::tr("Measured first, on %1").arg(QFileInfo(text).fileName());
}

QString planWarning(const MixPlan& plan) {
    QStringList sentences;
    if (!plan.quantizedSource.empty())
        sentences.append(
            QuantizeText::tr(
                "The source is quantized already, most of it as %1: what that has lost "
                "stays lost. The model in F16 or BF16 gives a better file.")
                .arg(QString::fromStdString(plan.quantizedSource)));
    for (const MixFallback& fallback : plan.fallbacks)
        sentences.append(
            QuantizeText::tr("%n tensor(s) become %1 instead of %2, because of their width.",
                             nullptr, fallback.nTensors)
                .arg(QString::fromStdString(fallback.made),
                     QString::fromStdString(fallback.wanted)));
    if (plan.nUnmeasured > 0)
        sentences.append(
            QuantizeText::tr("The importance matrix has nothing for %n tensor(s), "
                             "which are made without.",
                             nullptr, plan.nUnmeasured));
    if (plan.nNotFed > 0)
        sentences.append(
            QuantizeText::tr("%n tensor(s) are made by search: GPTQ knows nothing of their type.",
                             nullptr, plan.nNotFed));
    return sentences.join(QLatin1Char(' '));
}

QString importanceProblem(const Error& error, const QString& file, const NumberFormat& format) {
    // English has the library's own sentence, with the tensor and its numbers.
    if (format.language() == QLatin1String("en")) return errorText(error);
    if (error.code == ErrorCode::InvalidArgument)
        return QuantizeText::tr(
                   "The importance matrix “%1” is not of this model: choose one that "
                   "was measured on it, or none.")
            .arg(file);
    if (error.code == ErrorCode::FileDamaged)
        return QuantizeText::tr(
                   "The importance matrix “%1” is damaged, or holds values that are "
                   "negative or no numbers: choose another one, or none.")
            .arg(file);
    return errorText(error);
}

QString targetProblem(const QString& name, const std::optional<TargetLook>& look,
                      const MixPlan* plan, const NumberFormat& format) {
    if (name.isEmpty()) return QuantizeText::tr("The new file needs a name.");
    if (name.contains(QLatin1Char('/')) || name.contains(QLatin1Char('\\')))
        return QuantizeText::tr("A file's name has no slashes: choose the folder beside it.");
    if (!name.endsWith(QLatin1String(".gguf"), Qt::CaseInsensitive))
        return QuantizeText::tr("The name must end in .gguf, or it is not found among the models.");
    if (!look) return {};
    if (!look->isFolder)
        return QuantizeText::tr("This folder is not there any more: choose another one.");
    if (!look->isWritable)
        return QuantizeText::tr("Nothing may be written into this folder: choose another one.");
    if (look->isTaken)
        return QuantizeText::tr("There is a file of this name already: choose another name.");
    if (plan == nullptr || look->freeBytes < 0) return {};
    const auto needed = static_cast<qint64>(plan->fileBytes);
    if (needed <= look->freeBytes) return {};
    return QuantizeText::tr(
               "The new file needs %1, and %2 are free there: make room, or choose a "
               "smaller format or another disk.")
        .arg(format.fileSize(static_cast<double>(needed)),
             format.fileSize(static_cast<double>(look->freeBytes)));
}

QString madeTextOf(const QuantizeOutcome& made, const NumberFormat& format) {
    return QuantizeText::tr("%1 %2 is ready, %3.")
        .arg(QString::fromStdString(made.order.name),
             QString::fromStdString(formatName(made.order)),
             format.fileSize(static_cast<double>(made.report->fileBytes)));
}

QString madeNoteOf(const QuantizeOutcome& made) {
    const QuantizeOrder& order = made.order;
    QStringList notes;
    switch (order.method) {
        case ModelMethod::Gptq: {
            const auto nFed =
                std::ranges::count(made.report->tensors, true, &QuantizedTensor::isFedBack);
            notes.append(QuantizeText::tr("GPTQ on %1: %n tensor(s) with error feedback", nullptr,
                                          static_cast<int>(nFed))
                             .arg(nameOfFile(order.calibration)));
            break;
        }
        case ModelMethod::Awq:
            notes.append(QuantizeText::tr("AWQ: %n tensor(s) scaled", nullptr,
                                          static_cast<int>(made.report->nFolded)));
            break;
        default: notes.append(QuantizeText::tr("Made by search"));
    }
    if (!order.importance.empty())
        notes.append(QuantizeText::tr("importance matrix %1").arg(nameOfFile(order.importance)));
    else if (order.isMeasuredFirst())
        notes.append(QuantizeText::tr("importance matrix measured on %1")
                         .arg(nameOfFile(order.measuredText)));
    else
        notes.append(QuantizeText::tr("no importance matrix"));
    return notes.join(QStringLiteral(", "));
}

}  // namespace sotto::app
