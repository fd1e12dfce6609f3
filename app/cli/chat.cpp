// The interactive conversation: lines in, answers out. Works on a dumb pipe too: without a terminal
// there are no prompts and no colours, and the program ends with its input. With --json stdout has
// one object per answer, figure or error, and what people read goes to stderr.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "app/cli/chat_transcript.h"
#include "app/cli/engine_session.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/overflow.h"
#include "app/cli/platform.h"
#include "app/core/resource_paths.h"
#include "engine/api/inspect.h"

namespace sotto::cli {

namespace {

constexpr const char* kHelp =
    "/system TEXT  set the system prompt (empty: none)\n"
    "/regen        answer the last question again\n"
    "/clear        forget the conversation and begin anew\n"
    "/save FILE    write the conversation (.json or Markdown)\n"
    "/stats        speed and size of the last answer\n"
    "/quit         end\n"
    "Ctrl-C stops an answer; at the prompt it ends the program.\n";

class Conversation {
public:
    Conversation(EngineSession& session, const CommonOptions& common, const AnswerOptions& options,
                 const LoadOptions& load)
        : m_session(session),
          m_common(common),
          m_load(load),
          m_inputs{modelFiles(load.path)},
          m_options(options),
          m_system(options.system),
          m_isInteractive(isStdinTerminal() && isStdoutTerminal() && !common.isJson),
          m_isDimming(isStdoutTerminal() && std::getenv("NO_COLOR") == nullptr) {}

    int run() {
        if (m_isInteractive) {
            print(fmt::format("{} · {} · context of {} tokens. /help lists the commands.\n",
                              m_session.model().name, m_session.model().quantization,
                              m_session.model().contextTokens));
        }
        while (!m_isDone && !isOutputBroken()) {
            if (m_isInteractive) print("\n> ");
            std::string line;
            if (!std::getline(std::cin, line)) break;
            if (!line.empty() && line.back() == '\r') line.pop_back();
            if (line.empty()) continue;
            if (line.front() == '/') {
                obey(line);
            } else {
                ask(line);
            }
        }
        if (m_isInteractive) print("\n");
        const int status = finishOutput();
        return m_hasFailed ? kFailed : status;
    }

private:
    void obey(const std::string& line) {
        const std::size_t space = line.find(' ');
        const std::string command = line.substr(0, space);
        const std::string argument =
            space == std::string::npos ? std::string() : line.substr(space + 1);
        if (command == "/help") {
            m_common.isJson ? printNote(kHelp) : print(kHelp);
        } else if (command == "/quit" || command == "/exit") {
            m_isDone = true;
        } else if (command == "/system") {
            m_system = argument;
        } else if (command == "/regen") {
            regenerate();
        } else if (command == "/clear") {
            m_messages.clear();
            m_nDropped = 0;
        } else if (command == "/save") {
            save(argument);
        } else if (command == "/stats") {
            printStats();
        } else {
            complain(fmt::format("'{}' is not a command; /help lists them", command));
        }
    }

    void complain(std::string text) {
        complain(Error{ErrorCode::InvalidArgument, std::move(text)});
    }

    void complain(const Error& error) {
        printError(error, m_common.isJson);
        m_hasFailed = m_hasFailed || !m_isInteractive;  // scripts learn of it by the status
    }

    // What a person at the prompt can do about a conversation that has grown too long.
    std::string fullContext(std::string_view what) const {
        const ModelInfo& model = m_session.model();
        std::string text = fmt::format("{} the context of {} tokens; /clear begins anew", what,
                                       model.contextTokens);
        if (model.contextTokens < model.trainedContext)
            text += fmt::format(", --ctx N loads the model with up to {}", model.trainedContext);
        if (m_options.overflow == OverflowChoice::Error)
            text += ", --overflow drop leaves the oldest turns out";
        return text + ".";
    }

    void ask(const std::string& question) {
        m_messages.push_back({Role::User, question, {}});
        if (!generate()) m_messages.pop_back();
    }

    void regenerate() {
        if (m_messages.empty()) return complain("there is nothing to answer again");
        const ChatMessage previous = m_messages.back();
        m_messages.pop_back();
        if (!generate()) m_messages.push_back(previous);
    }

    // Answers the last message. False when nothing was added.
    bool generate() {
        GenerationRequest request;
        applyAnswerOptions(m_options, m_common.seed, request);
        ChatPrompt prompt;
        if (!m_system.empty()) prompt.messages.push_back({Role::System, m_system, {}});
        const auto dropped = static_cast<std::ptrdiff_t>(m_nDropped);
        prompt.messages.insert(prompt.messages.end(), m_messages.begin() + dropped,
                               m_messages.end());
        prompt.isThinking = thinkingChoice(m_options);
        request.prompt = std::move(prompt);
        clearInterrupt();
        const auto drop = makeRoom(m_session, {m_options.overflow, m_load, m_longest}, request);
        if (!drop) {
            complain(drop.error());
            return false;
        }
        tellDropped(*drop, m_nDropped);
        m_isThinking = false;
        auto answer =
            m_session.answer(std::move(request), [this](const AnswerText& piece) { show(piece); });
        if (m_isThinking && m_isDimming) printStyle("\x1b[22m");
        clearInterrupt();
        if (!answer) {
            Error error = answer.error();
            if (error.code == ErrorCode::ContextFull)
                error.message = fullContext("The conversation no longer fits in");
            complain(error);
            return false;
        }
        answer->dropped = *drop;
        m_nDropped += drop->nMessages;
        m_common.isJson ? printJson(answerJson(*answer)) : print("\n");
        if (answer->reason == StopReason::Cancelled && !isOutputBroken()) {
            printWarning("stopped");
            // A script that is interrupted ends; a person goes on with the next question.
            m_isDone = m_hasFailed = !m_isInteractive;
        }
        if (answer->reason == StopReason::ContextFull && !isOutputBroken()) {
            printWarning(fullContext("The answer ends where it fills"));
        }
        tellForgotten(answer->stats);
        m_stats = answer->stats;
        m_longest = std::max(m_longest, answer->stats.generatedTokens);
        m_messages.push_back({Role::Assistant, std::move(answer->text), std::move(answer->thinking),
                              std::move(answer->tokens)});
        return true;
    }

    void show(const AnswerText& piece) {
        if (m_common.isJson) return;
        const bool isThinking = piece.kind == TextKind::Thinking;
        if (isThinking != m_isThinking) {
            m_isThinking = isThinking;
            // Thinking is dim on a terminal; elsewhere a line of its own keeps it apart.
            if (m_isDimming) {
                printStyle(isThinking ? "\x1b[2m" : "\x1b[22m\n\n");
            } else {
                print(isThinking ? "[thinking] " : "\n[answer] ");
            }
        }
        print(piece.text);
    }

    void save(const std::string& path) {
        if (path.empty()) return complain("/save needs a file name");
        if (const Status saved = saveTranscript(path, m_messages, m_inputs); !saved) {
            return complain(saved.error());
        }
        if (m_isInteractive) print(fmt::format("Saved {} messages.\n", m_messages.size()));
    }

    void printStats() {
        const RequestStats& stats = m_stats;
        if (m_common.isJson) return printJson({{"stats", statsJson(stats)}});
        print(
            fmt::format("Prompt {} tokens ({} reused, {} restored), first token after {:.0f} ms; "
                        "{} tokens generated at {}",
                        stats.promptTokens, stats.reusedTokens, stats.restoredTokens, stats.ttftMs,
                        stats.generatedTokens, rateText(stats.tokensPerSecond)));
        if (stats.draftGain > 0)
            print(fmt::format(", {:.1f} times as fast as without guesses", stats.draftGain));
        print(stats.mbu > 0 ? fmt::format(", {:.0f} % of the memory bandwidth.\n", stats.mbu * 100)
                            : std::string(".\n"));
    }

    EngineSession& m_session;
    const CommonOptions& m_common;
    const LoadOptions m_load;
    const AtomicFileOptions m_inputs;  // what /save must not replace
    const AnswerOptions& m_options;
    std::string m_system;
    std::vector<ChatMessage> m_messages;  // without the system prompt; ends with the last answer
    std::size_t m_nDropped = 0;           // the first of them, which are not sent any more
    std::int64_t m_longest = 0;           // of the answers, in tokens
    RequestStats m_stats;
    bool m_isInteractive;
    bool m_isDimming;
    bool m_isThinking = false;
    bool m_isDone = false;
    bool m_hasFailed = false;
};

}  // namespace

int runChat(const CommonOptions& common, const AnswerOptions& options) {
    LoadOptions load = common.load();
    if (common.model.empty()) {
        load.path = app::findDemoModel(app::processEnvironment(), app::programFolder());
        if (load.path.empty()) {
            return printError(Error{ErrorCode::FileNotFound,
                                    "The built-in demo model is not beside the program; name a "
                                    "GGUF file instead.",
                                    app::kDemoModelFile},
                              common.isJson);
        }
    }
    const auto session =
        EngineSession::open(common.engine(), loadFor(options, load), common.prefixCacheFile);
    if (!session) return printError(session.error(), common.isJson);
    warnOfTemplate((*session)->model(), !options.system.empty());
    warnOfContext((*session)->model());
    return Conversation(**session, common, options, loadFor(options, load)).run();
}

}  // namespace sotto::cli
