#include "app/core/engine_hub.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace sotto::app {
namespace {

tl::unexpected<Error> noModel() {
    return fail(ErrorCode::InvalidArgument, "No model is loaded; choose one first.");
}

bool isSameLoad(const LoadOptions& a, const LoadOptions& b) {
    return a.path == b.path && a.contextTokens == b.contextTokens && a.kv == b.kv &&
           a.prefillChunk == b.prefillChunk && a.gpuLayers == b.gpuLayers && a.device == b.device &&
           a.draft == b.draft;
}

}  // namespace

EventSink EngineHub::sink() {
    return [this](const EngineEvent& event) {
        std::visit(
            [&](const auto& value) {
                using Event = std::decay_t<decltype(value)>;
                constexpr bool isLast = std::is_same_v<Event, GenerationFinished> ||
                                        std::is_same_v<Event, GenerationFailed>;
                if constexpr (isLast || std::is_same_v<Event, PromptProgress> ||
                              std::is_same_v<Event, TokenSampled> ||
                              std::is_same_v<Event, AnswerText> ||
                              std::is_same_v<Event, AnswerWasThinking>)
                    takeRequestEvent(value.request, event, isLast);
                else
                    takeModelEvent(value);
            },
            event);
    };
}

void EngineHub::attach(Engine* engine) {
    const std::lock_guard lock(m_mutex);
    m_engine = engine;
}

const Engine* EngineHub::engine() const {
    const std::lock_guard lock(m_mutex);
    return m_engine;
}

void EngineHub::takeRequestEvent(RequestId request, const EngineEvent& event, bool isLast) {
    std::shared_ptr<const RequestSink> sink;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_requests.find(request);
        if (found == m_requests.end()) return;
        sink = found->second.sink;
        if (isLast) m_requests.erase(found);
    }
    if (*sink) (*sink)(event);
}

// The engine answers its loads in the order in which they were asked for, each once, and says when
// it gives up the model before: one that fails earlier leaves it.
void EngineHub::takeModelEvent(const ModelEvent& event) {
    Tellings tellings;
    {
        const std::lock_guard lock(m_mutex);
        const bool isOfLoad = !std::holds_alternative<ModelUnloaded>(event);
        if (isOfLoad && m_pending.empty()) return;  // asked for past the hub
        if (!isOfLoad) dropLoaded(tellings);
        if (isOfLoad) {
            const std::uint64_t model = m_pending.front();
            addTellings(tellings, model, event);
            if (!std::holds_alternative<LoadProgress>(event)) m_pending.pop_front();
            if (const auto* loaded = std::get_if<ModelLoaded>(&event)) {
                m_loaded = model;
                if (const auto found = m_models.find(model); found != m_models.end())
                    found->second.info = loaded->info;
            } else if (std::holds_alternative<LoadFailed>(event)) {
                m_models.erase(model);
                if (m_current == model) m_current = m_loaded;
            }
        }
    }
    tell(tellings);
}

void EngineHub::dropLoaded(Tellings& tellings) {
    const std::uint64_t model = std::exchange(m_loaded, 0);
    if (model == 0) return;
    addTellings(tellings, model, ModelUnloaded{});
    m_models.erase(model);
    if (m_current == model) m_current = 0;
}

void EngineHub::addTellings(Tellings& tellings, std::uint64_t model,
                            const ModelEvent& event) const {
    const auto found = m_models.find(model);
    if (found == m_models.end()) return;
    for (const auto& [id, user] : found->second.users)
        if (user.onEvent) tellings.push_back({{model, id}, user.onEvent, event});
}

void EngineHub::tell(const Tellings& tellings) {
    for (const Telling& telling : tellings) telling.onEvent(telling.handle, telling.event);
}

Result<ModelHandle> EngineHub::acquire(const LoadOptions& options, ModelUser user,
                                       ModelHandle replaced) {
    std::map<std::uint64_t, ModelUser> asked;  // and have agreed
    while (true) {
        Tellings tellings;
        std::optional<ModelHandle> handle;
        std::map<std::uint64_t, ModelUser> others;
        {
            const std::lock_guard lock(m_mutex);
            if (m_engine == nullptr)
                return fail(ErrorCode::InvalidArgument, "The engine could not be started.");
            handle = join(options, user, replaced, tellings);
            if (!handle) {
                others = othersOfCurrent(replaced);
                for (const auto& [id, agreed] : asked) others.erase(id);
                // Nobody came meanwhile who was not asked.
                if (others.empty()) return startLoad(options, std::move(user), replaced);
            }
        }
        if (handle) {
            tell(tellings);
            return *handle;
        }
        for (auto& [id, other] : others) {
            if (other.mayRelease && !other.mayRelease())
                return fail(ErrorCode::Busy,
                            "The model that is loaded is being used by " + other.name +
                                ". Stop it there, then try again.",
                            other.name);
            asked.emplace(id, std::move(other));
        }
    }
}

// Joins the users of the same load; of one that this user alone holds, it wants a new one.
std::optional<ModelHandle> EngineHub::join(const LoadOptions& options, const ModelUser& user,
                                           ModelHandle replaced, Tellings& tellings) {
    const auto found = m_models.find(m_current);
    if (found == m_models.end() || !isSameLoad(found->second.options, options)) return std::nullopt;
    Model& model = found->second;
    const auto isAlone = [](const auto& entry) { return entry.second.isAlone; };
    if (user.isAlone || std::ranges::any_of(model.users, isAlone)) return std::nullopt;
    const bool isOwn = replaced.model == m_current && model.users.size() == 1;
    // Nobody holds what stayed when the load behind it failed.
    const bool isLeft = model.users.empty() && m_current != m_loaded;
    if (isOwn || isLeft || model.isCancelled || model.isReleased) return std::nullopt;
    const ModelHandle handle{m_current, ++m_lastId};
    model.users.emplace(handle.user, user);
    if (model.info && user.onEvent)
        tellings.push_back({handle, user.onEvent, ModelLoaded{*model.info}});
    leave(replaced, true);
    return handle;
}

std::map<std::uint64_t, ModelUser> EngineHub::othersOfCurrent(ModelHandle replaced) const {
    const auto found = m_models.find(m_current);
    if (found == m_models.end()) return {};
    std::map<std::uint64_t, ModelUser> others = found->second.users;
    if (replaced.model == m_current) others.erase(replaced.user);
    return others;
}

ModelHandle EngineHub::startLoad(const LoadOptions& options, ModelUser user, ModelHandle replaced) {
    leave(replaced, false);
    const ModelHandle handle{++m_lastId, ++m_lastId};
    Model& model = m_models[handle.model];
    model.options = options;
    model.users.emplace(handle.user, std::move(user));
    m_pending.push_back(handle.model);
    m_current = handle.model;
    m_engine->load(options);
    return handle;
}

void EngineHub::release(ModelHandle handle) {
    const std::lock_guard lock(m_mutex);
    leave(handle, true);
}

// Under m_mutex. `isUnloading`: where nobody is left; a load that follows drops the model itself.
void EngineHub::leave(ModelHandle handle, bool isUnloading) {
    if (findUsed(handle) == nullptr) return;
    Model& model = m_models.at(handle.model);
    cancelRequestsOf(handle);
    const bool isLast = model.users.size() == 1;
    if (!isLast || handle.model != m_current || !isUnloading) {
        model.users.erase(handle.user);
        return;
    }
    model.isReleased = true;
    m_current = 0;
    if (m_engine != nullptr) m_engine->unload();
}

void EngineHub::cancelRequestsOf(ModelHandle handle) {
    if (m_engine == nullptr) return;
    for (const auto& [id, request] : m_requests)
        if (request.handle == handle) m_engine->cancel(id);
}

void EngineHub::cancelLoad(ModelHandle handle) {
    Tellings tellings;
    {
        const std::lock_guard lock(m_mutex);
        if (findUsed(handle) == nullptr || handle.model != m_current || m_engine == nullptr) return;
        Model& model = m_models.at(handle.model);
        if (model.info) return;
        if (model.users.size() > 1) {
            const ModelUser& user = model.users.at(handle.user);
            if (user.onEvent)
                tellings.push_back(
                    {handle, user.onEvent,
                     LoadFailed{{ErrorCode::Cancelled, "Loading was cancelled.", {}, 0, 0}}});
            leave(handle, true);
        } else {
            model.isCancelled = true;
            m_engine->cancelLoad();
        }
    }
    tell(tellings);
}

const EngineHub::Model* EngineHub::findUsed(ModelHandle handle) const {
    const auto found = m_models.find(handle.model);
    if (found == m_models.end() || found->second.isReleased ||
        !found->second.users.contains(handle.user))
        return nullptr;
    return &found->second;
}

Result<RequestId> EngineHub::submit(ModelHandle handle, GenerationRequest request,
                                    RequestSink sink) {
    const std::lock_guard lock(m_mutex);
    // One that gives way to another load takes no more.
    if (m_engine == nullptr || handle.model != m_current || findUsed(handle) == nullptr)
        return noModel();
    if (request.nAnswers < 1 || request.nAnswers > kMaxAnswers)
        return fail(ErrorCode::InvalidArgument, "The number of answers must be between 1 and " +
                                                    std::to_string(kMaxAnswers) + ".");
    const auto nAnswers = static_cast<std::size_t>(request.nAnswers);
    if (m_requests.size() + nAnswers > kMaxOpenRequests)
        return fail(ErrorCode::Busy,
                    "Too many answers wait already. Try again when some are done.");
    const RequestId first = m_engine->submit(std::move(request));
    const auto shared = std::make_shared<const RequestSink>(std::move(sink));
    for (std::size_t answer = 0; answer < nAnswers; ++answer)
        m_requests.emplace(first + answer, OpenRequest{shared, handle});
    return first;
}

void EngineHub::cancel(RequestId request) {
    const std::lock_guard lock(m_mutex);
    if (m_engine != nullptr && m_requests.contains(request)) m_engine->cancel(request);
}

}  // namespace sotto::app
