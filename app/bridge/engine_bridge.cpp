#include "app/bridge/engine_bridge.h"

#include <atomic>
#include <mutex>
#include <type_traits>

namespace sotto::app {
namespace {

bool isLast(const EngineEvent& event) {
    return std::holds_alternative<GenerationFinished>(event) ||
           std::holds_alternative<GenerationFailed>(event);
}

}  // namespace

// Where the engine's thread leaves events; empties itself into nothing once the bridge is gone.
class EngineBridge::Mailbox {
public:
    explicit Mailbox(EngineBridge* bridge) : m_bridge(bridge) {}

    void close() {
        const std::lock_guard lock(m_mutex);
        m_bridge = nullptr;
    }
    void push(const EngineEvent& event) {
        if (m_coalescer.push(event)) wake();
    }
    void push(ModelHandle handle, const ModelEvent& event) {
        if (m_coalescer.push(handle, event)) wake();
    }
    std::vector<BridgeEvent> take() { return m_coalescer.take(); }

    std::atomic<int> nOpen = 0;  // answers that have not ended
    std::atomic<bool> hasGivenWay = false;

private:
    void wake() {
        const std::lock_guard lock(m_mutex);
        if (m_bridge != nullptr)
            QMetaObject::invokeMethod(m_bridge, &EngineBridge::wake, Qt::QueuedConnection);
    }

    TokenCoalescer m_coalescer;
    std::mutex m_mutex;
    EngineBridge* m_bridge;  // guarded by m_mutex
};

EngineBridge::EngineBridge(EngineHub& hub, QObject* parent) : EngineBridge(nullptr, &hub, parent) {}

EngineBridge::EngineBridge(QObject* parent)
    : EngineBridge(std::make_unique<EngineHub>(), nullptr, parent) {}

EngineBridge::EngineBridge(std::unique_ptr<EngineHub> own, EngineHub* hub, QObject* parent)
    : QObject(parent),
      m_ownHub(std::move(own)),
      m_hub(hub != nullptr ? *hub : *m_ownHub),
      m_mailbox(std::make_shared<Mailbox>(this)),
      m_pace(steadyMs) {
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, qOverload<>(&EngineBridge::deliver));
}

EngineBridge::~EngineBridge() {
    m_hub.release(m_model);
    m_mailbox->close();
}

Status EngineBridge::load(const LoadOptions& options) {
    ModelUser window;
    window.name = "the window";
    window.mayRelease = [mailbox = m_mailbox] {
        const bool isFree = mailbox->nOpen == 0;
        if (isFree) mailbox->hasGivenWay = true;
        return isFree;
    };
    window.onEvent = [mailbox = m_mailbox](ModelHandle handle, const ModelEvent& event) {
        mailbox->push(handle, event);
    };
    auto handle = m_hub.acquire(options, std::move(window), m_model);
    m_refusal = handle ? std::nullopt : std::optional(handle.error());
    if (!handle) return fail(std::move(handle.error()));
    m_model = *handle;
    m_mailbox->hasGivenWay = false;
    return {};
}

bool EngineBridge::hasGivenWay() const { return m_mailbox->hasGivenWay; }

Result<RequestId> EngineBridge::submit(GenerationRequest request) {
    if (m_model.isNone() && m_refusal) return fail(*m_refusal);  // says more than "no model"
    const int nAnswers = request.nAnswers;
    m_mailbox->nOpen += nAnswers;
    auto id =
        m_hub.submit(m_model, std::move(request), [mailbox = m_mailbox](const EngineEvent& event) {
            mailbox->push(event);
            if (isLast(event)) --mailbox->nOpen;
        });
    if (id)
        emit submitted(*id, nAnswers);
    else
        m_mailbox->nOpen -= nAnswers;
    return id;
}

void EngineBridge::warm(GenerationRequest request) {
    request.isWarming = true;
    if (m_hub.submit(m_model, std::move(request), {})) emit warmed();
}

void EngineBridge::wake() {
    if (!m_timer.isActive()) m_timer.start(m_pace.untilNext());
}

void EngineBridge::deliver() {
    m_pace.begin();
    bool isText = false;
    for (const BridgeEvent& event : m_mailbox->take()) {
        std::visit(
            [this, &isText](const auto& value) {
                using Event = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<Event, ModelNews>) deliver(value);
                if constexpr (std::is_same_v<Event, PromptProgress>) emit promptProgressed(value);
                if constexpr (std::is_same_v<Event, TextRun>) {
                    emit textArrived(value);
                    isText = true;
                }
                if constexpr (std::is_same_v<Event, AnswerWasThinking>)
                    emit answerWasThinking(value.request);
                if constexpr (std::is_same_v<Event, GenerationFinished>)
                    emit generationFinished(value);
                if constexpr (std::is_same_v<Event, GenerationFailed>) emit generationFailed(value);
            },
            event);
    }
    m_pace.end(isText);
}

void EngineBridge::deliver(const ModelNews& news) {
    if (news.handle != m_model) return;  // another one was asked for meanwhile
    std::visit(
        [this](const auto& value) {
            using Event = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Event, LoadProgress>) emit loadProgressed(value.fraction);
            if constexpr (std::is_same_v<Event, ModelLoaded>) emit modelLoaded(value.info);
            if constexpr (std::is_same_v<Event, LoadFailed>) {
                m_model = {};
                emit loadFailed(value.error);
            }
            if constexpr (std::is_same_v<Event, ModelUnloaded>) {
                m_model = {};
                emit modelUnloaded();
            }
        },
        news.event);
}

}  // namespace sotto::app
