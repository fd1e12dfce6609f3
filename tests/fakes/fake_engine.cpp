#include "tests/fakes/fake_engine.h"

#include <sstream>

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
        m_sink(LoadProgress{0.5});
        if (m_script.loadError) {
            m_sink(LoadFailed{*m_script.loadError});
            return;
        }
        ModelInfo info;
        info.path = options.path;
        info.name = "Fake model";
        info.quantization = "Q8_0";
        info.contextTokens = m_script.contextTokens;
        info.memory = {1000, 200, 30};
        if (m_script.describe) m_script.describe(info);
        m_isLoaded = true;
        m_sink(ModelLoaded{info});
    });
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
    if (m_script.generationError) {
        m_sink(GenerationFailed{id, *m_script.generationError});
        return;
    }
    m_sink(PromptProgress{id, 1, 1});
    const std::vector<FakeToken> tokens =
        m_script.answer ? m_script.answer(request, nth) : defaultAnswer(nth);
    GenerationFinished finish{id, StopReason::EndOfText, {}, {}};
    for (const FakeToken& token : tokens) {
        if (isCancelled(id)) {
            finish.reason = StopReason::Cancelled;
            break;
        }
        m_sink(TokenText{id, 1, token.kind, token.text, 1.0f, {}});
        ++finish.stats.generatedTokens;
        if (m_script.tokenDelay.count() > 0) std::this_thread::sleep_for(m_script.tokenDelay);
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
    const std::lock_guard lock(m_mutex);
    m_cancelled.insert(request);
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
    snapshot.readBandwidthGbS = m_script.readBandwidthGbS;
    snapshot.contextTokens = m_script.contextTokens;
    if (m_isLoaded) snapshot.device = m_script.device;
    return snapshot;
}

std::vector<GenerationRequest> FakeEngine::requests() const {
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

}  // namespace sotto
