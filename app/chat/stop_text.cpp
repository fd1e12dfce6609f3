#include "app/chat/stop_text.h"

#include <QCoreApplication>
#include <optional>

#include "app/chat/message.h"
#include "engine/api/engine_event.h"

namespace sotto::app {
namespace {

struct StopText {
    Q_DECLARE_TR_FUNCTIONS(StopText)
};

std::optional<StopReason> reasonOf(const QString& name) {
    for (const StopReason reason :
         {StopReason::EndOfText, StopReason::StopString, StopReason::MaxTokens,
          StopReason::ContextFull, StopReason::Cancelled})
        if (name.toStdString() == stopReasonName(reason)) return reason;
    return std::nullopt;
}

}  // namespace

QString endReason(const Message& answer) {
    const bool isNobodys =
        answer.state == MessageListModel::Stopped && answer.stats.stopReason.isEmpty();
    return isNobodys ? QString::fromLatin1(kInterrupted) : answer.stats.stopReason;
}

QString endNote(const Message& answer) {
    if (answer.role != MessageListModel::Assistant || answer.isDamaged) return {};
    const bool hasWords = !answer.text.isEmpty();
    switch (answer.state) {
        case MessageListModel::Stopped:
            if (endReason(answer) == QLatin1String(kInterrupted))
                return hasWords ? StopText::tr("Interrupted: Sotto ended while this was written.")
                                : StopText::tr("Interrupted before the first word.");
            return hasWords ? QString() : StopText::tr("Stopped before the first word.");
        case MessageListModel::Done:
            return hasWords ? QString() : StopText::tr("The model ended without a word.");
        default: return {};
    }
}

QString stopText(const QString& reason) {
    if (reason == QLatin1String(kInterrupted)) return StopText::tr("interrupted");
    const std::optional<StopReason> known = reasonOf(reason);
    if (!known) return {};
    switch (*known) {
        case StopReason::StopString: return StopText::tr("stopped at a stop string");
        case StopReason::MaxTokens: return StopText::tr("stopped at the token limit");
        case StopReason::ContextFull: return StopText::tr("stopped, the context is full");
        case StopReason::Cancelled: return StopText::tr("stopped by you");
        case StopReason::EndOfText: break;
    }
    return {};
}

bool isCutShort(const QString& reason) {
    if (reason == QLatin1String(kInterrupted)) return true;
    const std::optional<StopReason> known = reasonOf(reason);
    return known && *known != StopReason::EndOfText && *known != StopReason::StopString;
}

}  // namespace sotto::app
