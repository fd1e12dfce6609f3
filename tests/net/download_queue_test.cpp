// Several downloads: their order, their limits, and that none disturbs another.
#include "net/api/download_queue.h"

#include <QtTest>
#include <atomic>
#include <future>
#include <map>
#include <thread>

#include "tests/net/download_fixture.h"

using namespace sotto;
using namespace sotto::net;
using namespace sotto::test;

namespace {

constexpr std::size_t kSize = 300'000;

std::string nameOf(int index) { return "file-" + std::to_string(index) + ".gguf"; }

void addFiles(DownloadFixture& fixture, int count) {
    for (int index = 0; index < count; ++index)
        fixture.hub.add(nameOf(index), randomBytes(kSize, 10 + static_cast<unsigned>(index)));
}

std::vector<std::string> pathsOf(const DownloadQueue& queue) {
    std::vector<std::string> paths;
    for (const DownloadInfo& info : queue.list()) paths.push_back(info.record.path);
    return paths;
}

// All requests for bytes come this far and no further.
HubRepository::Bend heldAt(const HubRepository& hub, std::size_t nBytes) {
    return [&hub, nBytes](const ServedRequest& request) -> std::optional<Reply> {
        Reply reply = hub.bytesReply(request);
        reply.holdsAfter = nBytes;
        return reply;
    };
}

}  // namespace

class DownloadQueueTest : public QObject {
    Q_OBJECT

private slots:
    // The window asks for the list while a disk takes its time to forget gigabytes.
    void aStoreThatStandsStill_holdsUpNoList() {
        class SlowStore final : public DownloadStore {
        public:
            std::promise<void> isRemoving;
            std::promise<void> mayGoOn;
            Result<std::vector<DownloadRecord>> load() override { return m_store.load(); }
            Status save(const DownloadRecord& record) override { return m_store.save(record); }
            Status remove(DownloadId id) override {
                isRemoving.set_value();
                mayGoOn.get_future().wait();
                return m_store.remove(id);
            }

        private:
            FileStore m_store;
        };
        DownloadFixture fixture;
        addFiles(fixture, 1);
        SlowStore store;
        auto queue =
            DownloadQueue::create(*fixture.net.network, *fixture.client, {.store = &store});
        VERIFY_OK(queue);
        const auto id = (*queue)->add({.repository = fixture.hub.repository,
                                       .path = nameOf(0),
                                       .folder = fixture.folder.path().toStdString()});
        VERIFY_OK(id);
        (*queue)->waitUntilIdle();
        std::thread remover([&] { (*queue)->remove(*id); });
        store.isRemoving.get_future().wait();
        auto list = std::async(std::launch::async, [&] { return (*queue)->list().size(); });
        const bool isThere = list.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
        store.mayGoOn.set_value();
        remover.join();
        QVERIFY(isThere);
        QCOMPARE(list.get(), 0u);
    }

    // 13
    void aDamagedOne_disturbsNoOther() {
        DownloadFixture fixture;
        addFiles(fixture, 3);
        const std::string hash = sha256Of(randomBytes(kSize, 11));
        fixture.hub.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path() != "/" + hash) return std::nullopt;
            return rangeOf(request, std::string(kSize, '?'), "x");
        });
        for (int index = 0; index < 3; ++index) VERIFY_OK(fixture.add(nameOf(index)));
        COMPARE_STATE(fixture.result(0), Verified);
        COMPARE_STATE(fixture.result(1), Damaged);
        COMPARE_STATE(fixture.result(2), Verified);
        for (const int index : {0, 2})
            QVERIFY(contentOf(fixture.target(nameOf(index))) ==
                    randomBytes(kSize, 10 + static_cast<unsigned>(index)));
    }

    void onlySoMany_runAtOnce() {
        DownloadFixture fixture({.nConnections = 2});
        addFiles(fixture, 5);
        fixture.hub.bendBytes(heldAt(fixture.hub, 1000));
        for (int index = 0; index < 5; ++index) VERIFY_OK(fixture.add(nameOf(index)));
        QVERIFY(fixture.hub.bytes().waitForRequests(2));
        QTRY_COMPARE(fixture.queue->list().at(1).nReceivedBytes, 1000u);
        const auto list = fixture.queue->list();
        COMPARE_STATE(list[0], Running);
        COMPARE_STATE(list[1], Running);
        for (const int index : {2, 3, 4})
            COMPARE_STATE(list[static_cast<std::size_t>(index)], Waiting);
        QCOMPARE(fixture.bytesRequests().size(), 2u);
        fixture.hub.bytes().release();
        for (std::size_t index = 0; index < 5; ++index)
            COMPARE_STATE(fixture.result(index), Verified);
    }

    void theOrder_canBeChanged_andIsKept() {
        DownloadFixture fixture({.nConnections = 1});
        addFiles(fixture, 4);
        fixture.hub.bendBytes(heldAt(fixture.hub, 1000));
        std::vector<DownloadId> ids;
        for (int index = 0; index < 4; ++index) ids.push_back(*fixture.add(nameOf(index)));
        QTRY_COMPARE(fixture.queue->list().at(0).nReceivedBytes, 1000u);
        fixture.queue->move(std::span(&ids[3], 1), -2);
        const std::vector<std::string> moved = {nameOf(0), nameOf(3), nameOf(1), nameOf(2)};
        QCOMPARE(pathsOf(*fixture.queue), moved);
        fixture.queue->move(std::span(&ids[3], 1), 1);
        fixture.queue->move(std::span(&ids[3], 1), -1);
        fixture.queue->move(std::span(&ids[3], 1), -1);
        fixture.queue->move(std::span(&ids[0], 1), -5);
        fixture.queue->move(std::span(&ids[2], 1), 100);
        QCOMPARE(pathsOf(*fixture.queue), moved);
        fixture.start({.nConnections = 1});
        QCOMPARE(pathsOf(*fixture.queue), moved);
        fixture.hub.bytes().release();
        COMPARE_STATE(fixture.result(3), Verified);
        // In the order of the list, not of arrival.
        std::vector<std::string> asked;
        for (const ServedRequest& request : fixture.hub.hub().requests())
            asked.push_back(request.target.substr(request.target.rfind('/') + 1));
        asked.erase(asked.begin());  // of the run before
        QCOMPARE(asked, moved);
    }

    void pausing_keepsWhatIsThere() {
        DownloadFixture fixture;
        addFiles(fixture, 1);
        fixture.hub.bendBytes(heldAt(fixture.hub, 100'000));
        const DownloadId id = *fixture.add(nameOf(0));
        QTRY_COMPARE(fixture.queue->list().at(0).nReceivedBytes, 100'000u);
        fixture.queue->pause(id);
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Paused);
        QCOMPARE(info.record.nKeptBytes, 100'000u);
        QCOMPARE(fixture.store.load()->at(0).state, DownloadState::Paused);
        fixture.hub.bendBytes({});
        fixture.queue->resume(id);
        COMPARE_STATE(fixture.result(), Verified);
        QCOMPARE(fixture.bytesRequests().back().header("Range"), std::string("bytes=100000-"));
    }

    void aWaitingOne_isPausedAtOnce() {
        DownloadFixture fixture({.nConnections = 1});
        addFiles(fixture, 2);
        fixture.hub.bendBytes(heldAt(fixture.hub, 1000));
        VERIFY_OK(fixture.add(nameOf(0)));
        const DownloadId second = *fixture.add(nameOf(1));
        QTRY_COMPARE(fixture.queue->list().at(0).nReceivedBytes, 1000u);
        fixture.queue->pause(second);
        COMPARE_STATE(fixture.queue->list().at(1), Paused);
        fixture.hub.bytes().release();
        COMPARE_STATE(fixture.result(0), Verified);
        COMPARE_STATE(fixture.result(1), Paused);
    }

    void removing_takesThePartAlong_butNoWholeFile() {
        DownloadFixture fixture;
        addFiles(fixture, 2);
        const DownloadId whole = *fixture.add(nameOf(0));
        COMPARE_STATE(fixture.result(0), Verified);
        fixture.hub.bendBytes(heldAt(fixture.hub, 100'000));
        const DownloadId running = *fixture.add(nameOf(1));
        QTRY_COMPARE(fixture.queue->list().at(1).nReceivedBytes, 100'000u);
        QVERIFY(fixture.isPartThere(nameOf(1)));
        fixture.queue->remove(whole);
        fixture.queue->remove(running);
        // The list waits for no disk: it is empty before the part and the record are gone.
        QTRY_VERIFY(fixture.queue->list().empty());
        QTRY_VERIFY(fixture.store.load()->empty());
        QVERIFY(!fixture.isPartThere(nameOf(1)));
        QVERIFY(std::filesystem::exists(fixture.target(nameOf(0))));
    }

    void theEndOfTheProgram_isOnlyAPause() {
        DownloadFixture fixture;
        addFiles(fixture, 1);
        fixture.hub.bendBytes(heldAt(fixture.hub, 100'000));
        VERIFY_OK(fixture.add(nameOf(0)));
        QTRY_COMPARE(fixture.queue->list().at(0).nReceivedBytes, 100'000u);
        fixture.queue.reset();
        const DownloadRecord kept = fixture.store.load()->at(0);
        QVERIFY(kept.state == DownloadState::Waiting);
        QCOMPARE(kept.nKeptBytes, 100'000u);
        fixture.hub.bendBytes({});
        fixture.start();
        COMPARE_STATE(fixture.result(), Verified);
        QCOMPARE(fixture.bytesRequests().back().header("Range"), std::string("bytes=100000-"));
    }

    void whatIsInTheList_isNotAddedTwice() {
        DownloadFixture fixture;
        addFiles(fixture, 1);
        fixture.hub.bendBytes(heldAt(fixture.hub, 1000));
        VERIFY_OK(fixture.add(nameOf(0)));
        COMPARE_ERROR(fixture.add(nameOf(0)), ErrorCode::Busy);
        fixture.hub.bytes().release();
    }

    // As the parts of a split model are: past others they keep their order, and the store gets all
    // of it at once.
    void severalAtOnce_moveTogether() {
        class CountingStore final : public DownloadStore {
        public:
            std::atomic<int> nCalls = 0;
            std::atomic<std::size_t> nRecords = 0;
            Result<std::vector<DownloadRecord>> load() override {
                std::vector<DownloadRecord> records;
                for (DownloadId id = 1; id <= 4; ++id)
                    records.push_back({.id = id,
                                       .position = id,
                                       .path = nameOf(static_cast<int>(id) - 1),
                                       .state = DownloadState::Paused});
                return records;
            }
            Status save(const DownloadRecord& record) override {
                return saveAll(std::span(&record, 1));
            }
            Status saveAll(std::span<const DownloadRecord> records) override {
                ++nCalls;
                nRecords += records.size();
                return {};
            }
            Status remove(DownloadId) override { return {}; }
        };
        DownloadFixture fixture;
        CountingStore store;
        auto queue =
            DownloadQueue::create(*fixture.net.network, *fixture.client, {.store = &store});
        VERIFY_OK(queue);
        const std::vector<DownloadId> ids{1, 2};
        (*queue)->move(ids, 2);
        const std::vector<std::string> later = {nameOf(2), nameOf(3), nameOf(0), nameOf(1)};
        QCOMPARE(pathsOf(**queue), later);
        QCOMPARE(store.nCalls.load(), 1);
        QCOMPARE(store.nRecords.load(), 4u);
        (*queue)->move(ids, -1);
        const std::vector<std::string> earlier = {nameOf(2), nameOf(0), nameOf(1), nameOf(3)};
        QCOMPARE(pathsOf(**queue), earlier);
        QCOMPARE(store.nCalls.load(), 2);
        QCOMPARE(store.nRecords.load(), 7u);
    }

    void aLimitOfRate_isForAllTogether() {
        constexpr std::uint64_t kLimit = 100'000;
        DownloadFixture fixture({.bytesPerSecond = kLimit});
        addFiles(fixture, 3);
        const Clock::Time begin = fixture.net.clock.now();
        for (int index = 0; index < 3; ++index) VERIFY_OK(fixture.add(nameOf(index)));
        for (std::size_t index = 0; index < 3; ++index)
            COMPARE_STATE(fixture.result(index), Verified);
        // The clock moves only by what was waited for, and several wait at the same time.
        const std::chrono::duration<double> seconds = fixture.net.clock.now() - begin;
        QVERIFY(seconds.count() >= 3.0 * kSize / kLimit * 0.999);
    }

    void changes_areTold() {
        DownloadFixture fixture;
        addFiles(fixture, 1);
        std::atomic<int> nTold = 0;
        fixture.queue->setListener([&] { ++nTold; });
        VERIFY_OK(fixture.add(nameOf(0)));
        COMPARE_STATE(fixture.result(), Verified);
        // Added, running, checking, verified: not each stretch of bytes, of which four are kept.
        QTRY_COMPARE(nTold.load(), 4);
        fixture.queue.reset();
        QCOMPARE(nTold.load(), 4);
    }
};

QTEST_GUILESS_MAIN(DownloadQueueTest)
#include "download_queue_test.moc"
