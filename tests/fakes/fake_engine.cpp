#include "tests/fakes/fake_engine.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace sotto {
namespace {

constexpr RequestId kFirstWarming = RequestId{1} << 62;

std::vector<FakeToken> defaultAnswer(int nth) {
    return {{"This", {}}, {" is", {}}, {" answer ", {}}, {std::to_string(nth) + ".", {}}};
}

std::int64_t countWords(const std::string& text) {
    std::istringstream words(text);
    std::int64_t n = 0;
    for (std::string word; words >> word;) ++n;
    return n;
}

}  // namespace

FakeEngine::FakeEngine(EventSink sink, FakeScript script)
    : m_sink(std::move(sink)), m_script(std::move(script)), m_thread([this] { run(); }) {}

FakeEngine::~FakeEngine() {
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
        m_nLoadsCancelled = static_cast<int>(m_loads.size());
    }
    m_wake.notify_all();
    m_thread.join();
}

void FakeEngine::post(Command command) {
    {
        const std::lock_guard lock(m_mutex);
        m_commands.push_back(std::move(command));
    }
    m_wake.notify_all();
}

void FakeEngine::run() {
    while (true) {
        if (isStanding()) {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_isClosing || !m_commands.empty(); });
            if (m_commands.empty() && m_running.empty()) break;
        }
        while (std::optional<Command> command = nextCommand())
            std::visit([this](auto& known) { handle(known); }, *command);
        turn();
    }
    m_isLoaded = false;
}

// Nothing moves until a command comes.
bool FakeEngine::isStanding() const {
    return std::all_of(m_running.begin(), m_running.end(),
                       [](const Answer& answer) { return answer.isDriven; });
}

std::optional<FakeEngine::Command> FakeEngine::nextCommand() {
    const std::lock_guard lock(m_mutex);
    if (m_commands.empty()) return std::nullopt;
    std::optional<Command> command(std::move(m_commands.front()));
    m_commands.pop_front();
    return command;
}

void FakeEngine::load(const LoadOptions& options) {
    int number = 0;
    {
        const std::lock_guard lock(m_mutex);
        m_nLoadsCancelled = static_cast<int>(m_loads.size());
        m_loads.push_back(options);
        number = static_cast<int>(m_loads.size());
        cancelSubmitted();
    }
    post(Load{options, number});
}

void FakeEngine::cancelLoad() {
    {
        const std::lock_guard lock(m_mutex);
        m_nLoadsCancelled = static_cast<int>(m_loads.size());
    }
    m_wake.notify_all();
}

void FakeEngine::unload() {
    {
        const std::lock_guard lock(m_mutex);
        m_nLoadsCancelled = static_cast<int>(m_loads.size());
        cancelSubmitted();
    }
    post(Unload{});
}

// Under m_mutex.
void FakeEngine::cancelSubmitted() {
    for (RequestId id = 1; id <= m_lastId; ++id) m_cancelled.insert(id);
}

RequestId FakeEngine::submit(GenerationRequest request) {
    if (request.isWarming) {
        const std::lock_guard lock(m_mutex);
        m_warmings.push_back(std::move(request));
        const RequestId id = kFirstWarming + m_warmings.size();
        m_commands.push_back(Drive([id](FakeEngine& self) {
            self.m_sink(GenerationFinished{id, StopReason::MaxTokens, {}, {}});
        }));
        m_wake.notify_all();
        return id;
    }
    Question question;
    const bool isSome = request.nAnswers >= 1 && request.nAnswers <= kMaxAnswers;
    question.nAnswers = isSome ? static_cast<std::uint64_t>(request.nAnswers) : 1;
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(request);
        question.first = m_lastId + 1;
        m_lastId += question.nAnswers;
    }
    question.request = std::move(request);
    const RequestId first = question.first;
    post(std::move(question));
    return first;
}

void FakeEngine::handle(Load& load) {
    cancelAll();
    const FakeScript current = script();
    if (current.refusal) {
        if (const std::optional<Error> refused = current.refusal(load.options)) {
            m_sink(LoadFailed{*refused});
            return;
        }
    }
    if (m_isLoaded.exchange(false)) m_sink(ModelUnloaded{});
    if (!isLoadCancelled(load.number)) m_sink(LoadProgress{0.5});
    if (current.isLoadDriven) {
        std::unique_lock lock(m_mutex);
        m_wake.wait(
            lock, [&] { return load.number <= m_nLoadsEnded || load.number <= m_nLoadsCancelled; });
    }
    std::optional<Error> error =
        current.endOfLoad ? current.endOfLoad(load.options) : current.loadError;
    if (!error && isLoadCancelled(load.number))
        error = Error{ErrorCode::Cancelled, "Loading was cancelled.", {}, 0, 0};
    if (error) {
        m_sink(LoadFailed{*error});
        return;
    }
    ModelInfo info;
    info.path = load.options.path;
    info.draftPath = load.options.draft;
    info.name = "Fake model";
    info.quantization = "Q8_0";
    info.contextTokens = current.contextTokens;
    info.memory = {1000, 200, 30};
    if (current.describe) current.describe(info);
    m_isLoaded = true;
    m_sink(ModelLoaded{info});
}

void FakeEngine::handle(Unload&) {
    cancelAll();
    m_isLoaded = false;
    m_sink(ModelUnloaded{});
}

void FakeEngine::failAll(const Question& question, const Error& error) {
    for (std::uint64_t answer = 0; answer < question.nAnswers; ++answer)
        m_sink(GenerationFailed{question.first + answer, error});
}

void FakeEngine::handle(Question& question) {
    const GenerationRequest& request = question.request;
    const FakeScript current = script();
    std::vector<Answer> answers;
    bool isWanted = false;
    for (std::uint64_t index = 0; index < question.nAnswers; ++index) {
        const RequestId id = question.first + index;
        answers.push_back({.id = id,
                           .first = question.first,
                           .maxTokens = request.maxTokens,
                           .seed = request.sampling.seed ? *request.sampling.seed + index : id,
                           .isDriven = current.isDriven});
        isWanted = isWanted || !isCancelled(id);
    }
    if (!isWanted) {
        for (const Answer& answer : answers) tellEnd(answer, StopReason::Cancelled);
        return;
    }
    if (!m_isLoaded)
        return failAll(question,
                       {ErrorCode::InvalidArgument, "No model is loaded; choose one first."});
    if (request.nAnswers < 1 || request.nAnswers > kMaxAnswers)
        return failAll(question, {ErrorCode::InvalidArgument,
                                  "The number of answers must be between 1 and 8."});
    if (current.generationError && !current.isDriven) {
        failAll(question, *current.generationError);
        // A device that failed takes its model with it.
        if (current.generationError->code == ErrorCode::DeviceFailed) {
            cancelAll();
            m_isLoaded = false;
            m_sink(ModelUnloaded{});
        }
        return;
    }
    for (Answer& answer : answers) {
        if (request.maxTokens == 0 && !answer.isDriven) {
            tellEnd(answer, StopReason::MaxTokens);
            continue;
        }
        const int nth = static_cast<int>(answer.id);
        if (!answer.isDriven)
            answer.tokens = current.answer ? current.answer(request, nth) : defaultAnswer(nth);
        m_running.push_back(std::move(answer));
    }
}

// One token of every answer in work, as a decode step.
void FakeEngine::turn() {
    m_isGenerating = !m_running.empty();
    for (Answer& answer : m_running) answer.isEnded = isOver(answer);
    std::erase_if(m_running, [](const Answer& answer) { return answer.isEnded; });
    m_isGenerating = !m_running.empty();
    if (isStanding()) return;
    if (const auto delay = script().tokenDelay; delay.count() > 0)
        std::this_thread::sleep_for(delay);
}

// There is a seat, and the prompt that it shares is read.
bool FakeEngine::mayBegin(const Answer& answer) const {
    const auto nBegun = std::count_if(m_running.begin(), m_running.end(),
                                      [](const Answer& other) { return other.isBegun; });
    const bool isRead =
        std::none_of(m_running.begin(), m_running.end(), [&answer](const Answer& other) {
            return other.first == answer.first && other.id < answer.id && other.nTold == 0;
        });
    return isRead && static_cast<std::size_t>(nBegun) < script().maxRunning;
}

bool FakeEngine::isOver(Answer& answer) {
    const auto nMost = static_cast<std::size_t>(answer.maxTokens);
    std::optional<StopReason> reason;
    if (isCancelled(answer.id))
        reason = StopReason::Cancelled;
    else if (answer.isDriven)
        return false;
    else if (!answer.isBegun && !mayBegin(answer))
        return false;
    else if (answer.nTold == answer.tokens.size())
        reason = StopReason::EndOfText;
    else if (answer.maxTokens >= 0 && answer.nTold == nMost)
        reason = StopReason::MaxTokens;
    if (!answer.isBegun && reason != StopReason::Cancelled) {
        answer.isBegun = true;
        m_sink(PromptProgress{answer.id, 1, 1, answer.id == answer.first ? 0 : 1});
    }
    if (reason) {
        tellEnd(answer, *reason);
        return true;
    }
    const FakeToken& token = answer.tokens[answer.nTold++];
    if (token.isTurningBack) m_sink(AnswerWasThinking{answer.id});
    tellToken(answer.id, token);
    return false;
}

void FakeEngine::tellToken(RequestId id, const FakeToken& token) {
    m_sink(TokenSampled{id, token.id, token.probability, {}});
    if (!token.text.empty()) m_sink(AnswerText{id, token.kind, token.text});
}

void FakeEngine::tellEnd(const Answer& answer, StopReason reason) {
    GenerationFinished finished{answer.id, reason, {}, {}};
    finished.stats.seed = answer.seed;
    if (!answer.tokens.empty()) {
        finished.stats.generatedTokens = static_cast<std::int64_t>(answer.nTold);
        finished.stats.tokensPerSecond = 50;
        finished.stats.ttftMs = 20;
    }
    for (std::size_t index = 0; index < answer.nTold; ++index) {
        const FakeToken& token = answer.tokens[index];
        if (token.isTurningBack) finished.tokens.ids.clear();
        if (token.kind == TextKind::Answer) finished.tokens.ids.push_back(token.id);
    }
    finished.tokens.vocabulary = script().vocabulary;
    m_sink(finished);
}

void FakeEngine::cancelAll() {
    for (const Answer& answer : m_running) tellEnd(answer, StopReason::Cancelled);
    m_running.clear();
    m_isGenerating = false;
}

bool FakeEngine::isLoadCancelled(int number) {
    const std::lock_guard lock(m_mutex);
    return number <= m_nLoadsCancelled;
}

bool FakeEngine::isCancelled(RequestId id) const {
    const std::lock_guard lock(m_mutex);
    return m_isClosing || m_cancelled.contains(id);
}

void FakeEngine::endLoad() {
    {
        const std::lock_guard lock(m_mutex);
        m_nLoadsEnded = static_cast<int>(m_loads.size());
    }
    m_wake.notify_all();
}

void FakeEngine::change(const std::function<void(FakeScript& script)>& change) {
    const std::lock_guard lock(m_mutex);
    change(m_script);
}

FakeScript FakeEngine::script() const {
    const std::lock_guard lock(m_mutex);
    return m_script;
}

std::vector<FakeEngine::Answer>::iterator FakeEngine::openAnswer(RequestId id) {
    if (id == 0) return m_running.empty() ? m_running.end() : std::prev(m_running.end());
    return std::find_if(m_running.begin(), m_running.end(),
                        [id](const Answer& answer) { return answer.id == id; });
}

void FakeEngine::progress(double share, RequestId id) {
    constexpr std::int64_t kTokens = 1000;
    post([share, id](FakeEngine& self) {
        const auto answer = self.openAnswer(id);
        if (answer == self.m_running.end()) return;
        const auto nRead = static_cast<std::int64_t>(share * static_cast<double>(kTokens));
        self.m_sink(PromptProgress{answer->id, nRead, kTokens});
    });
}

void FakeEngine::write(const std::string& text, TextKind kind, RequestId id) {
    writeToken({text, kind}, id);
}

void FakeEngine::writeToken(const FakeToken& token, RequestId id) {
    post([token, id](FakeEngine& self) {
        const auto answer = self.openAnswer(id);
        if (answer != self.m_running.end()) self.tellToken(answer->id, token);
    });
}

void FakeEngine::finish(StopReason reason, const RequestStats& stats, RequestId id) {
    post([reason, stats, id](FakeEngine& self) {
        const auto answer = self.openAnswer(id);
        if (answer == self.m_running.end()) return;
        const RequestId ended = answer->id;
        self.m_running.erase(answer);
        self.m_sink(GenerationFinished{ended, reason, {}, stats});
    });
}

void FakeEngine::failAnswer(const Error& error, RequestId id) {
    post([error, id](FakeEngine& self) {
        const auto answer = self.openAnswer(id);
        if (answer == self.m_running.end()) return;
        const RequestId ended = answer->id;
        self.m_running.erase(answer);
        self.m_sink(GenerationFailed{ended, error});
    });
}

// One command, as it is one event of the real engine: an unload behind a failure would cancel the
// answers before the failure is taken.
void FakeEngine::failDevice(const Error& error) {
    post([error](FakeEngine& self) {
        for (const Answer& answer : std::exchange(self.m_running, {}))
            self.m_sink(GenerationFailed{answer.id, error});
        self.m_isGenerating = false;
        self.m_isLoaded = false;
        self.m_sink(ModelUnloaded{});
    });
}

std::vector<LoadOptions> FakeEngine::loads() const {
    const std::lock_guard lock(m_mutex);
    return m_loads;
}

void FakeEngine::cancel(RequestId request) {
    {
        const std::lock_guard lock(m_mutex);
        m_cancelled.insert(request);
    }
    post([](FakeEngine&) {});  // wakes it: turn() sees the wish
}

Result<std::int64_t> FakeEngine::countTokens(const Prompt& prompt) const {
    if (!m_isLoaded)
        return fail(ErrorCode::InvalidArgument, "No model is loaded; choose one first.");
    if (const auto* text = std::get_if<TextPrompt>(&prompt)) return countWords(text->text);
    std::int64_t n = 0;
    if (const auto* chat = std::get_if<ChatPrompt>(&prompt))
        for (const ChatMessage& message : chat->messages) n += countWords(message.content);
    return n;
}

// A marker and a token for each word; no thinking is shown again.
Result<PromptDescription> FakeEngine::describePrompt(const ChatPrompt& chat) const {
    SOTTO_TRY(countTokens(chat));
    PromptDescription prompt;
    const auto add = [&prompt](const std::string& text, bool isTemplates) {
        const std::size_t begin = prompt.text.size();
        prompt.text += text;
        const auto id = static_cast<std::int32_t>(prompt.tokens.size());
        prompt.tokens.push_back({id, {begin, prompt.text.size()}, isTemplates});
    };
    for (const ChatMessage& message : chat.messages) {
        PromptPart part;
        part.firstToken = std::ssize(prompt.tokens);
        add(message.role == Role::User ? "<user>" : "<other>", true);
        std::istringstream words(message.content);
        for (std::string word; words >> word;) add(word + " ", false);
        part.nTokens = std::ssize(prompt.tokens) - part.firstToken;
        part.nThinkingLeftOut = countWords(message.thinking);
        prompt.parts.push_back(part);
    }
    return prompt;
}

Result<std::int64_t> FakeEngine::countTextTokens(std::string_view text) const {
    return countTokens(TextPrompt{std::string(text)});
}

EngineSnapshot FakeEngine::snapshot() const {
    EngineSnapshot snapshot;
    snapshot.isModelLoaded = m_isLoaded;
    snapshot.isGenerating = m_isGenerating;
    const FakeScript current = script();
    snapshot.readBandwidthGbS = current.readBandwidthGbS;
    snapshot.contextTokens = current.contextTokens;
    if (m_isLoaded) snapshot.device = current.device;
    if (current.measure) current.measure(snapshot);
    return snapshot;
}

std::vector<GenerationRequest> FakeEngine::warmings() const {
    const std::lock_guard lock(m_mutex);
    return m_warmings;
}

std::vector<GenerationRequest> FakeEngine::requests() const {
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

}  // namespace sotto
