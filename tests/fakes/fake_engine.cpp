#include "tests/fakes/fake_engine.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace sotto {
namespace {

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
                       [](const Request& request) { return request.isDriven; });
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
        for (std::size_t id = 1; id <= m_requests.size(); ++id) m_cancelled.insert(id);
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
        for (std::size_t id = 1; id <= m_requests.size(); ++id) m_cancelled.insert(id);
    }
    post(Unload{});
}

RequestId FakeEngine::submit(GenerationRequest request) {
    Request submitted;
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(request);
        submitted.id = m_requests.size();
    }
    submitted.request = std::move(request);
    const RequestId id = submitted.id;
    post(std::move(submitted));
    return id;
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

void FakeEngine::handle(Request& request) {
    if (isCancelled(request.id)) {
        tellEnd(request, StopReason::Cancelled);
        return;
    }
    if (!m_isLoaded) {
        m_sink(GenerationFailed{
            request.id,
            {ErrorCode::InvalidArgument, "No model is loaded; choose one first.", {}, 0, 0}});
        return;
    }
    const FakeScript current = script();
    request.isDriven = current.isDriven;
    if (request.isDriven) {
        m_running.push_back(std::move(request));
        return;
    }
    if (current.generationError) {
        m_sink(GenerationFailed{request.id, *current.generationError});
        // A device that failed takes its model with it.
        if (current.generationError->code == ErrorCode::DeviceFailed) {
            cancelAll();
            m_isLoaded = false;
            m_sink(ModelUnloaded{});
        }
        return;
    }
    if (request.request.maxTokens == 0) {
        tellEnd(request, StopReason::MaxTokens);
        return;
    }
    const int nth = static_cast<int>(request.id);
    m_sink(PromptProgress{request.id, 1, 1});
    request.tokens = current.answer ? current.answer(request.request, nth) : defaultAnswer(nth);
    m_running.push_back(std::move(request));
}

// One token of every answer in work, as a decode step.
void FakeEngine::turn() {
    m_isGenerating = !m_running.empty();
    std::erase_if(m_running, [this](Request& request) { return isOver(request); });
    m_isGenerating = !m_running.empty();
    if (isStanding()) return;
    if (const auto delay = script().tokenDelay; delay.count() > 0)
        std::this_thread::sleep_for(delay);
}

bool FakeEngine::isOver(Request& request) {
    const auto nMost = static_cast<std::size_t>(request.request.maxTokens);
    std::optional<StopReason> reason;
    if (isCancelled(request.id))
        reason = StopReason::Cancelled;
    else if (request.isDriven)
        return false;
    else if (request.nTold == request.tokens.size())
        reason = StopReason::EndOfText;
    else if (request.request.maxTokens >= 0 && request.nTold == nMost)
        reason = StopReason::MaxTokens;
    if (reason) {
        tellEnd(request, *reason);
        return true;
    }
    const FakeToken& token = request.tokens[request.nTold++];
    if (token.isTurningBack) m_sink(AnswerWasThinking{request.id});
    tellToken(request.id, token.text, token.kind);
    return false;
}

void FakeEngine::tellToken(RequestId id, const std::string& text, TextKind kind) {
    m_sink(TokenSampled{id, 1, 1.0f, {}});
    if (!text.empty()) m_sink(AnswerText{id, kind, text});
}

void FakeEngine::tellEnd(const Request& request, StopReason reason) {
    GenerationFinished finished{request.id, reason, {}, {}};
    if (!request.tokens.empty()) {
        finished.stats.generatedTokens = static_cast<std::int64_t>(request.nTold);
        finished.stats.tokensPerSecond = 50;
        finished.stats.ttftMs = 20;
    }
    m_sink(finished);
}

void FakeEngine::cancelAll() {
    for (const Request& request : m_running) tellEnd(request, StopReason::Cancelled);
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

void FakeEngine::progress(double share) {
    constexpr std::int64_t kTokens = 1000;
    post([share](FakeEngine& self) {
        if (self.m_running.empty()) return;
        const auto nRead = static_cast<std::int64_t>(share * static_cast<double>(kTokens));
        self.m_sink(PromptProgress{self.m_running.back().id, nRead, kTokens});
    });
}

void FakeEngine::write(const std::string& text, TextKind kind) {
    post([text, kind](FakeEngine& self) {
        if (!self.m_running.empty()) self.tellToken(self.m_running.back().id, text, kind);
    });
}

void FakeEngine::finish(StopReason reason, const RequestStats& stats) {
    post([reason, stats](FakeEngine& self) {
        if (self.m_running.empty()) return;
        const RequestId id = self.m_running.back().id;
        self.m_running.pop_back();
        self.m_sink(GenerationFinished{id, reason, {}, stats});
    });
}

void FakeEngine::failAnswer(const Error& error) {
    post([error](FakeEngine& self) {
        if (self.m_running.empty()) return;
        const RequestId id = self.m_running.back().id;
        self.m_running.pop_back();
        self.m_sink(GenerationFailed{id, error});
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

std::vector<GenerationRequest> FakeEngine::requests() const {
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

}  // namespace sotto
