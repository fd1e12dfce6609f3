#include "app/chat/prompt_warmer.h"

#include <utility>

namespace sotto::app {

void PromptWarmer::begin(const AnswerJob& job) {
    if (!std::holds_alternative<ChatPrompt>(job.request.prompt)) return;
    ChatPrompt next = std::get<ChatPrompt>(job.request.prompt);
    if (std::exchange(next.isContinuing, false)) next.messages.pop_back();
    GenerationRequest request;
    request.prompt = std::move(next);
    request.conversation = job.request.conversation;
    request.isLasting = job.request.isLasting;
    request.overflow = job.request.overflow;
    m_requests[job.chatId] = std::move(request);
}

// Of several answers the first is the one that is shown.
void PromptWarmer::end(const Message& answer, bool isLast) {
    const auto found = m_requests.find(answer.chatId);
    if (found == m_requests.end()) return;
    auto& prompt = std::get<ChatPrompt>(found->prompt);
    const bool isOfUse =
        answer.state == MessageListModel::Done || answer.state == MessageListModel::Stopped;
    if (!answer.isBeside && isOfUse && !answer.text.isEmpty()) {
        prompt.messages.push_back({Role::Assistant, answer.text.toStdString(),
                                   answer.thinking.toStdString(), answer.tokens});
        prompt.isBeforeQuestion = true;
    }
    if (!isLast) return;
    const bool isWorthReading = prompt.isBeforeQuestion;
    GenerationRequest request = std::move(*found);
    m_requests.erase(found);
    if (isWorthReading) m_engine.warm(std::move(request));
}

}  // namespace sotto::app
