#include "app/chat/chat_problem.h"

#include <QCoreApplication>

#include "app/bridge/error_text.h"
#include "app/core/storage_health.h"

namespace sotto::app {
namespace {

struct ProblemText {
    Q_DECLARE_TR_FUNCTIONS(ChatProblem)

public:
    static QString ofLasting(ChatProblem::Words words) {
        switch (words) {
            case ChatProblem::None: return {};
            case ChatProblem::InEditor:
                return tr("Your change could not be saved. It is still in its editor.");
            case ChatProblem::InComposer:
                return tr("Your message could not be saved. It is back where you wrote it.");
            case ChatProblem::NewDraft:
                return tr(
                    "Your message could not be saved. It is kept as the draft of the new "
                    "chat.");
            case ChatProblem::DraftOfChat:
                return tr("Your message could not be saved. It is kept as the draft of its chat.");
        }
        return {};
    }
    static QString ofOnce(ChatProblem::Words words, const Error& error) {
        const QString cause = errorText(error);
        switch (words) {
            case ChatProblem::None:
            case ChatProblem::InEditor: return cause;
            case ChatProblem::InComposer:
                return tr("%1 Your message is back where you wrote it.").arg(cause);
            case ChatProblem::NewDraft:
                return tr("%1 Your message is kept as the draft of the new chat.").arg(cause);
            case ChatProblem::DraftOfChat:
                return tr("%1 Your message is kept as the draft of its chat.").arg(cause);
        }
        return {};
    }
};

}  // namespace

QString ChatProblem::text() const {
    return StorageHealth::isLasting(error.code) ? ProblemText::ofLasting(words)
                                                : ProblemText::ofOnce(words, error);
}

}  // namespace sotto::app
