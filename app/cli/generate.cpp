#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "app/cli/engine_session.h"
#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/overflow.h"
#include "app/cli/platform.h"
#include "app/cli/terminal_text.h"

namespace sotto::cli {

namespace {

Result<std::string> promptText(const GenerateOptions& options) {
    if (!options.promptFile.empty()) return readFile(options.promptFile);
    return options.prompt == "-" ? readStdin() : Result<std::string>(options.prompt);
}

Result<GenerationRequest> makeRequest(const CommonOptions& common, const GenerateOptions& options) {
    GenerationRequest request;
    applyAnswerOptions(options.answer, common.seed, request);
    if (!options.tokensFile.empty()) {
        SOTTO_ASSIGN(std::vector<std::int32_t> tokens, readTokenFile(options.tokensFile));
        request.prompt = TokenPrompt{std::move(tokens)};
        return request;
    }
    ChatPrompt prompt;
    if (!options.answer.system.empty()) {
        prompt.messages.push_back({Role::System, options.answer.system, {}});
    }
    if (!options.messagesFile.empty()) {
        SOTTO_ASSIGN(const std::vector<ChatMessage> messages,
                     readMessagesFile(options.messagesFile));
        prompt.messages.insert(prompt.messages.end(), messages.begin(), messages.end());
    } else {
        SOTTO_ASSIGN(std::string text, promptText(options));
        if (options.isRaw) {
            request.prompt = TextPrompt{std::move(text)};
            return request;
        }
        prompt.messages.push_back({Role::User, std::move(text), {}});
    }
    prompt.isThinking = thinkingChoice(options.answer);
    request.prompt = std::move(prompt);
    return request;
}

bool hasSystem(const ChatPrompt& chat) {
    return std::any_of(chat.messages.begin(), chat.messages.end(),
                       [](const ChatMessage& message) { return message.role == Role::System; });
}

// Text as it comes; thinking goes to stderr, so that stdout holds the answer only.
void stream(const AnswerText& piece, bool isDimming) {
    if (piece.kind == TextKind::Answer) return print(piece.text);
    const std::string text =
        isDimming ? fmt::format("\x1b[2m{}\x1b[22m", terminalText(piece.text)) : piece.text;
    std::fwrite(text.data(), 1, text.size(), stderr);
}

Result<Answer> generate(const CommonOptions& common, const GenerateOptions& options) {
    SOTTO_ASSIGN(GenerationRequest request, makeRequest(common, options));
    SOTTO_ASSIGN(const std::unique_ptr<EngineSession> session,
                 EngineSession::open(common.engine(), loadFor(options.answer, common.load()),
                                     common.prefixCacheFile));
    if (const auto* chat = std::get_if<ChatPrompt>(&request.prompt))
        warnOfTemplate(session->model(), hasSystem(*chat));
    warnOfContext(session->model());
    const RoomWish wish{options.answer.overflow, loadFor(options.answer, common.load()), 0};
    SOTTO_ASSIGN(const app::TurnDrop drop, makeRoom(*session, wish, request));
    tellDropped(drop, 0);
    const bool isDimming = isStderrTerminal();
    SOTTO_ASSIGN(Answer answer, session->answer(std::move(request), [&](const AnswerText& piece) {
        if (!common.isJson) stream(piece, isDimming);
    }));
    answer.dropped = drop;
    return answer;
}

}  // namespace

int runGenerate(const CommonOptions& common, const GenerateOptions& options) {
    const auto answer = generate(common, options);
    if (!answer) return printError(answer.error(), common.isJson);
    if (common.isJson) {
        printJson(answerJson(*answer));
    } else {
        print("\n");
    }
    tellForgotten(answer->stats);
    if (answer->reason == StopReason::ContextFull && !isOutputBroken())
        printWarning("the context is full; the answer ends here");
    if (answer->reason == StopReason::Cancelled && !isOutputBroken()) {
        // With --json the answer's own stop_reason says it.
        return printError(Error{ErrorCode::Cancelled, "Cancelled; the answer is incomplete."},
                          false);
    }
    return finishOutput();
}

}  // namespace sotto::cli
