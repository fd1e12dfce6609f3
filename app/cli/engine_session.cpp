#include "app/cli/engine_session.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"
#include "app/cli/progress_bar.h"

namespace sotto::cli {

namespace {

// How long Ctrl-C may go unseen.
constexpr std::chrono::milliseconds kPatience{50};

// The program ends with its answer: what was read is waited for.
constexpr std::int64_t kPrefixFlushMs = 60'000;
// Whose the blocks are: no chat's of the window.
constexpr std::uint64_t kPrefixOwner = UINT64_MAX;

}  // namespace

EngineSession::EngineSession() : m_mailbox(std::make_shared<Mailbox>(Mailbox::kUnbounded)) {}
EngineSession::~EngineSession() = default;

Result<std::unique_ptr<EngineSession>> EngineSession::open(const EngineOptions& wanted,
                                                           const LoadOptions& model,
                                                           const std::string& prefixCacheFile) {
    std::unique_ptr<EngineSession> session(new EngineSession);
    EngineOptions engine = wanted;
    if (!prefixCacheFile.empty()) {
        session->m_prefixes =
            std::make_unique<app::DiskPrefixStore>(app::DiskPrefixOptions{.path = prefixCacheFile});
        engine.prefixStore = session->m_prefixes.get();
        engine.prefixFlushMs = kPrefixFlushMs;
        session->m_prefixes->key();  // it is opened then
        if (const auto problem = session->m_prefixes->figures().problem)
            printWarning(fmt::format("nothing is kept of what is read: {}", problem->message));
    }
    SOTTO_ASSIGN(session->m_engine,
                 createEngine(engine, [mailbox = session->m_mailbox](const EngineEvent& event) {
                     mailbox->push(event);
                 }));
    SOTTO_TRY(session->load(model));
    return session;
}

Status EngineSession::load(const LoadOptions& model) {
    constexpr std::int64_t kSteps = 1000;
    ProgressBar bar("loading", "");
    m_engine->load(model);
    bool isCancelling = false;
    while (true) {
        if (isInterrupted() && !isCancelling) {
            m_engine->cancelLoad();
            isCancelling = true;
        }
        const auto event = m_mailbox->popUntil(std::chrono::steady_clock::now() + kPatience);
        if (!event) continue;
        if (const auto* progress = std::get_if<LoadProgress>(&*event)) {
            bar.update(static_cast<std::int64_t>(progress->fraction * kSteps), kSteps);
        } else if (const auto* failed = std::get_if<LoadFailed>(&*event)) {
            return fail(failed->error);
        } else if (const auto* loaded = std::get_if<ModelLoaded>(&*event)) {
            m_info = loaded->info;
            if (model.contextTokens > m_info.trainedContext)
                printWarning(fmt::format(
                    "the context is {} tokens, all that the model was trained for, and not {}",
                    m_info.contextTokens, model.contextTokens));
            if (m_info.isPreTokenizerMissing)
                printWarning(
                    "the model's file does not say how its tokenizer cuts words "
                    "(tokenizer.ggml.pre); a guess is used, and answers may be worse for it");
            return {};
        }
    }
}

Result<Answer> EngineSession::answer(GenerationRequest request,
                                     const std::function<void(const AnswerText&)>& onText) {
    Answer answer;
    ProgressBar bar("reading", "tokens");
    request.isLasting = m_prefixes != nullptr;
    if (request.isLasting) request.conversation = kPrefixOwner;
    const RequestId id = m_engine->submit(std::move(request));
    bool isCancelling = false;
    while (true) {
        if ((isInterrupted() || isOutputBroken()) && !isCancelling) {
            m_engine->cancel(id);
            isCancelling = true;
        }
        const auto event = m_mailbox->popUntil(std::chrono::steady_clock::now() + kPatience);
        if (!event) continue;
        if (const auto* progress = std::get_if<PromptProgress>(&*event)) {
            bar.update(progress->processedTokens, progress->promptTokens);
        } else if (const auto* token = std::get_if<TokenSampled>(&*event)) {
            bar.finish();
            answer.ids.push_back(token->token);
            answer.sampled.push_back(*token);
        } else if (const auto* text = std::get_if<AnswerText>(&*event)) {
            (text->kind == TextKind::Thinking ? answer.thinking : answer.text) += text->text;
            onText(*text);
        } else if (std::holds_alternative<AnswerWasThinking>(*event)) {
            // What was shown stays shown: the answer begins behind an empty line.
            answer.thinking += std::exchange(answer.text, {});
            onText({id, TextKind::Answer, "\n\n"});
        } else if (const auto* failed = std::get_if<GenerationFailed>(&*event)) {
            return fail(failed->error);
        } else if (const auto* finished = std::get_if<GenerationFinished>(&*event)) {
            answer.reason = finished->reason;
            answer.stats = finished->stats;
            answer.tokens = finished->tokens;
            return answer;
        }
    }
}

Json answerJson(const Answer& answer) {
    Json json{{"text", answer.text},       {"thinking", answer.thinking},
              {"ids", answer.ids},         {"stop_reason", stopReasonName(answer.reason)},
              {"seed", answer.stats.seed}, {"stats", statsJson(answer.stats)}};
    if (!answer.dropped.isNone())
        json["dropped"] = {{"messages", answer.dropped.nMessages},
                           {"tokens", answer.dropped.nDropped}};
    return json;
}

void applyAnswerOptions(const AnswerOptions& options, std::optional<std::uint64_t> seed,
                        GenerationRequest& request) {
    request.sampling = options.sampling;
    request.sampling.seed = seed;
    request.maxTokens = options.maxTokens;
    request.draft = options.draft == "off"     ? DraftKind::Off
                    : options.draft == "ngram" ? DraftKind::Ngram
                                               : DraftKind::Model;
    request.overflow = options.overflow == OverflowChoice::Sinks ? Overflow::Sinks : Overflow::Stop;
    request.stop = options.stop;
}

LoadOptions loadFor(const AnswerOptions& options, LoadOptions model) {
    if (options.draft != "off" && options.draft != "ngram") model.draft = options.draft;
    return model;
}

std::optional<bool> thinkingChoice(const AnswerOptions& options) {
    if (options.thinking == "default") return std::nullopt;
    return options.thinking == "on";
}

}  // namespace sotto::cli
