#include "tests/fakes/fake_engine.h"

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
    }
    m_wake.notify_all();
    m_thread.join();
}

void FakeEngine::post(std::function<void()> work) {
    {
        const std::lock_guard lock(m_mutex);
        m_work.push_back(std::move(work));
    }
    m_wake.notify_all();
}

void FakeEngine::run() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return m_isClosing || !m_work.empty(); });
        if (m_isClosing) return;
        const std::function<void()> work = std::move(m_work.front());
        m_work.pop_front();
        lock.unlock();
        work();
        lock.lock();
    }
}

void FakeEngine::load(const LoadOptions& options) {
    {
        const std::lock_guard lock(m_mutex);
        m_loads.push_back(options);
    }
    post([this, options] {
        const FakeScript current = script();
        dropLoad();
        m_sink(LoadProgress{0.5});
        if (current.isLoadDriven)
            m_pendingLoad = options;
        else
            endLoadNow(options, current);
    });
}

void FakeEngine::endLoadNow(const LoadOptions& options, const FakeScript& script) {
    if (script.loadError) {
        m_sink(LoadFailed{*script.loadError});
        return;
    }
    ModelInfo info;
    info.path = options.path;
    info.name = "Fake model";
    info.quantization = "Q8_0";
    info.contextTokens = script.contextTokens;
    info.memory = {1000, 200, 30};
    if (script.describe) script.describe(info);
    m_isLoaded = true;
    m_sink(ModelLoaded{info});
}

// The real engine answers every load, also one that another took the place of.
void FakeEngine::dropLoad() {
    if (!m_pendingLoad) return;
    m_pendingLoad.reset();
    m_sink(LoadFailed{{ErrorCode::Cancelled, "Loading was stopped."}});
}

void FakeEngine::cancelLoad() {
    post([this] { dropLoad(); });
}

void FakeEngine::endLoad() {
    post([this] {
        if (m_pendingLoad) endLoadNow(*std::exchange(m_pendingLoad, {}), script());
    });
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
    post([this, share] {
        if (m_open.empty()) return;
        const auto nRead = static_cast<std::int64_t>(share * static_cast<double>(kTokens));
        m_sink(PromptProgress{m_open.back(), nRead, kTokens});
    });
}

void FakeEngine::write(const std::string& text, TextKind kind) {
    post([this, text, kind] {
        if (!m_open.empty()) m_sink(TokenText{m_open.back(), 1, kind, text, 1.0f, {}});
    });
}

void FakeEngine::finish(StopReason reason, const RequestStats& stats) {
    post([this, reason, stats] {
        if (!m_open.empty())
            end(m_open.back(), GenerationFinished{m_open.back(), reason, {}, stats});
    });
}

void FakeEngine::failAnswer(const Error& error) {
    post([this, error] {
        if (!m_open.empty()) end(m_open.back(), GenerationFailed{m_open.back(), error});
    });
}

void FakeEngine::end(RequestId id, const EngineEvent& event) {
    if (std::erase(m_open, id) > 0) m_sink(event);
}

void FakeEngine::unload() {
    post([this] {
        m_isLoaded = false;
        m_sink(ModelUnloaded{});
    });
}

RequestId FakeEngine::submit(GenerationRequest request) {
    int nth = 0;
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(request);
        nth = static_cast<int>(m_requests.size());
    }
    const auto id = static_cast<RequestId>(nth);
    post([this, id, nth, request = std::move(request)] { generate(id, request, nth); });
    return id;
}

void FakeEngine::generate(RequestId id, const GenerationRequest& request, int nth) {
    const FakeScript current = script();
    GenerationFinished finish{id, StopReason::EndOfText, {}, {}};
    if (current.isDriven) {
        m_open.push_back(id);
        finish.reason = StopReason::Cancelled;
        if (isCancelled(id)) end(id, finish);
        return;
    }
    if (current.generationError) {
        m_sink(GenerationFailed{id, *current.generationError});
        return;
    }
    m_sink(PromptProgress{id, 1, 1});
    const std::vector<FakeToken> tokens =
        current.answer ? current.answer(request, nth) : defaultAnswer(nth);
    for (const FakeToken& token : tokens) {
        if (isCancelled(id)) {
            finish.reason = StopReason::Cancelled;
            break;
        }
        m_sink(TokenText{id, 1, token.kind, token.text, 1.0f, {}});
        ++finish.stats.generatedTokens;
        if (current.tokenDelay.count() > 0) std::this_thread::sleep_for(current.tokenDelay);
    }
    finish.stats.tokensPerSecond = 50;
    finish.stats.ttftMs = 20;
    m_sink(finish);
}

bool FakeEngine::isCancelled(RequestId id) const {
    const std::lock_guard lock(m_mutex);
    return m_isClosing || m_cancelled.contains(id);
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
    post([this, request] {
        end(request, GenerationFinished{request, StopReason::Cancelled, {}, {}});
    });
}

Result<std::int64_t> FakeEngine::countTokens(const Prompt& prompt) const {
    if (!m_isLoaded) return fail(ErrorCode::InvalidArgument, "No model is loaded.");
    if (const auto* text = std::get_if<TextPrompt>(&prompt)) return countWords(text->text);
    std::int64_t n = 0;
    if (const auto* chat = std::get_if<ChatPrompt>(&prompt))
        for (const ChatMessage& message : chat->messages) n += countWords(message.content);
    return n;
}

EngineSnapshot FakeEngine::snapshot() const {
    EngineSnapshot snapshot;
    snapshot.isModelLoaded = m_isLoaded;
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
