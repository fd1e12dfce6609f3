// The whole program without its window, for tests of the conversation: real controllers and
// storages, a scripted engine.
#pragma once

#include <QtTest>
#include <functional>
#include <future>

#include "app/app_facade.h"
#include "app/bridge/engine_bridge.h"
#include "storage/api/storage.h"
#include "tests/fakes/fake_engine.h"

namespace sotto::app {

// `wantsModel`: a model is loaded before the test begins. `prepare`: what the database holds before
// the program reads it.
struct Program {
    explicit Program(FakeScript script = {}, bool wantsModel = true,
                     storage::StorageOptions options = storage::StorageOptions::inMemory(),
                     const std::function<void(storage::Database&)>& prepare = {},
                     MachineProbe machine = {})
        : disk(std::move(*storage::Storage::open(std::move(options)))),
          memory(std::move(*storage::Storage::open(storage::StorageOptions::inMemory()))),
          engine(std::make_unique<FakeEngine>(bridge.sink(), std::move(script))) {
        bridge.attach(engine.get());
        if (prepare)
            static_cast<void>(disk->call([&prepare](storage::Database& database) -> Status {
                prepare(database);
                return {};
            }));
        AppFacade::Services services{bridge, *disk, *memory, jobs, {}, {}};
        services.machine = std::move(machine);
        facade = std::make_unique<AppFacade>(services);
        if (wantsModel) {
            facade->models()->load(QStringLiteral("/fake.gguf"));
            // A minute: what is sent before it is there would be refused.
            static_cast<void>(QTest::qWaitFor(
                [this] { return facade->models()->state() != ModelController::Loading; }, 60'000));
            // The same where storage has not told yet what the new chat has.
            static_cast<void>(QTest::qWaitFor(
                [this] {
                    return facade->models()->state() != ModelController::Loaded ||
                           facade->chat()->canSend();
                },
                60'000));
        }
    }
    ~Program() {
        facade.reset();  // it may still be counting tokens with the engine
        bridge.attach(nullptr);
        engine.reset();  // its thread ends before the bridge that it calls
    }

    ChatController& chat() { return *facade->chat(); }
    ChatListModel& chats() { return *facade->chats(); }
    MessageListModel& messages() { return *chat().messages(); }
    const Message& row(int at) { return messages().at(at); }
    int rows() { return messages().rowCount(); }
    bool isIdle() { return !chat().isBusy(); }
    QVariant role(int at, MessageListModel::Role role) {
        return messages().data(messages().index(at), role);
    }
    std::vector<storage::MessageRecord> stored() {
        return stored(chat().isTemporary() ? *memory : *disk, chat().chatId());
    }
    static std::vector<storage::MessageRecord> stored(storage::Storage& storage, qint64 chatId) {
        auto path = storage.call(
            [chatId](storage::Database& database) { return database.messages().loadPath(chatId); });
        return path ? *path : std::vector<storage::MessageRecord>{};
    }

    EngineBridge bridge;
    std::unique_ptr<storage::Storage> disk;
    std::unique_ptr<storage::Storage> memory;
    std::unique_ptr<FakeEngine> engine;
    JobRunner jobs;
    std::unique_ptr<AppFacade> facade;
};

// Holds a storage's thread until it is opened, so that what happens meanwhile is certain.
class Gate {
public:
    explicit Gate(storage::Storage& storage) {
        storage.post([opened = std::shared_future<void>(m_opened.get_future())](
                         storage::Database&) { opened.wait(); });
    }
    ~Gate() { open(); }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    void open() {
        if (!std::exchange(m_isOpen, true)) m_opened.set_value();
    }

private:
    std::promise<void> m_opened;
    bool m_isOpen = false;
};

// An answer that takes five seconds.
inline FakeScript slowScript() {
    FakeScript script;
    script.tokenDelay = std::chrono::milliseconds(10);
    script.answer = [](const GenerationRequest&, int) {
        return std::vector<FakeToken>(500, FakeToken{"word ", {}});
    };
    return script;
}

}  // namespace sotto::app
