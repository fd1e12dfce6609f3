#include "app/chat/stop_text.h"

#include <QCoreApplication>
#include <optional>

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

QString stopText(const QString& reason) {
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
    const std::optional<StopReason> known = reasonOf(reason);
    return known && *known != StopReason::EndOfText && *known != StopReason::StopString;
}

}  // namespace sotto::app
