// EngineHub: the engine for several users at once: each request has its own listener, and a model
// is a handle with users.
//
// Place: owned by AppCore, between the one Engine and the window (app/bridge/engine_bridge.h), the
// comparison, the server. The engine holds one model today: a load ends the one before, and only
// when its other users agree. A load is known by its handle, so what happens to an older one is
// never taken for news of a newer one.
// Threads: every method may be called from any thread. Listeners are called on the engine's thread,
// with no lock of the hub's held, in the engine's order; exceptions are named below. They must be
// short, must not block, and may call nothing of the hub but cancel(). A call may still be under
// way when release() returns.
// Errors: InvalidArgument (no engine, no such model any more), Busy (another user holds on to the
// engine, or too many requests wait).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/api/engine.h"

namespace sotto::app {

// One user's hold on a model. Plain value; never used again for another load.
struct ModelHandle {
    std::uint64_t model = 0;
    std::uint64_t user = 0;

    bool isNone() const { return model == 0; }
    bool operator==(const ModelHandle&) const = default;
};

// What a handle's user is told. LoadFailed and ModelUnloaded are the last, and the handle is over:
// unloaded by its device's failure, or because it gave way to another load.
using ModelEvent = std::variant<LoadProgress, ModelLoaded, LoadFailed, ModelUnloaded>;

struct ModelUser {
    std::string name;  // for the refusal that others get: "the server"
    // Another user wants the engine: may this one's model go? Asked on the thread that acquires;
    // must not call the hub. Empty: yes.
    std::function<bool()> mayRelease;
    // Of a model that is loaded already, ModelLoaded comes on the thread that acquires it, before
    // acquire() returns. May be empty.
    std::function<void(ModelHandle, const ModelEvent&)> onEvent;
    // Shares a loaded model with nobody: what is measured of it is its own alone.
    bool isAlone = false;
};

// PromptProgress, TokenSampled, AnswerText and AnswerWasThinking, then exactly one
// GenerationFinished or GenerationFailed, of each answer that was asked for.
using RequestSink = std::function<void(const EngineEvent&)>;

class EngineHub {
public:
    // More open requests than anybody queues; the engine's own queue is larger, so that a submit
    // never waits.
    static constexpr std::size_t kMaxOpenRequests = 1024;

    EngineHub() = default;
    EngineHub(const EngineHub&) = delete;
    EngineHub& operator=(const EngineHub&) = delete;

    // The engine's one sink, given to it when it is made.
    EventSink sink();
    // Null before it is destroyed, once no call of the hub is under way.
    void attach(Engine* engine);
    // For what changes nothing: snapshot(), countTokens(). Null when there is none.
    const Engine* engine() const;

    // Loads a model, or joins those who use the same one with the same options. `replaced` is what
    // this user held so far: let go if, and only if, it gets the new one.
    Result<ModelHandle> acquire(const LoadOptions& options, ModelUser user,
                                ModelHandle replaced = {});
    // This user's requests end as Cancelled. The last one's letting go unloads the model, and that
    // one is still told how it ends; the others nothing more.
    void release(ModelHandle handle);
    // Ends in LoadFailed with Cancelled, unless it is loaded by then. Of a load that others wait
    // for too: this user alone is told so, on this thread.
    void cancelLoad(ModelHandle handle);

    // Also while the model is still loading: the request waits for it. Several answers to one
    // question (GenerationRequest::nAnswers) have consecutive ids, of which the first is returned;
    // the sink is told the events of all, and one end for each.
    Result<RequestId> submit(ModelHandle handle, GenerationRequest request, RequestSink sink);
    // Unknown ids are ignored. The one method that a listener may call.
    void cancel(RequestId request);

private:
    struct Model {
        LoadOptions options;
        std::optional<ModelInfo> info;             // of a loaded one
        bool isCancelled = false;                  // nobody joins it any more
        bool isReleased = false;                   // by the last user, who waits for its end
        std::map<std::uint64_t, ModelUser> users;  // none: nobody wants it any more
    };
    struct OpenRequest {
        // Shared with the call under way, and the other answers to the question.
        std::shared_ptr<const RequestSink> sink;
        ModelHandle handle;
    };
    struct Telling {
        ModelHandle handle;
        std::function<void(ModelHandle, const ModelEvent&)> onEvent;
        ModelEvent event;
    };
    using Tellings = std::vector<Telling>;

    void takeRequestEvent(RequestId request, const EngineEvent& event, bool isLast);
    void takeModelEvent(const ModelEvent& event);
    void addTellings(Tellings& tellings, std::uint64_t model, const ModelEvent& event) const;
    void dropLoaded(Tellings& tellings);
    static void tell(const Tellings& tellings);
    const Model* findUsed(ModelHandle handle) const;
    std::map<std::uint64_t, ModelUser> othersOfCurrent(ModelHandle replaced) const;
    std::optional<ModelHandle> join(const LoadOptions& options, const ModelUser& user,
                                    ModelHandle replaced, Tellings& tellings);
    ModelHandle startLoad(const LoadOptions& options, ModelUser user, ModelHandle replaced);
    void leave(ModelHandle handle, bool isUnloading);
    void cancelRequestsOf(ModelHandle handle);

    mutable std::mutex m_mutex;  // everything below
    Engine* m_engine = nullptr;
    std::uint64_t m_lastId = 0;
    std::map<std::uint64_t, Model> m_models;  // until the engine's last word of them
    std::deque<std::uint64_t> m_pending;  // loads that the engine has not answered, oldest first
    std::uint64_t m_current = 0;          // the one asked for last; 0: none, or unloaded
    std::uint64_t m_loaded = 0;           // what the engine holds, by the events so far
    std::map<RequestId, OpenRequest> m_requests;
};

}  // namespace sotto::app
