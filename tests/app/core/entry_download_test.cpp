// A model of a hub is put on its way whole or not at all, and only where there is room for it.
#include "app/core/hub/entry_download.h"

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "app/core/hub/model_hub.h"
#include "base/existing_folder.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 40;
// What a queue leaves on every disk.
constexpr std::uint64_t kLeft = net::DownloadOptions().reservedBytes;

struct Fixture {
    HubRepository repository;
    QTemporaryDir folder;
    std::unique_ptr<ModelHub> hub;

    Fixture() {
        auto made = ModelHub::create({.network = {.proxy = ""},
                                      .hub = {.endpoint = repository.endpoint()},
                                      .folder = folder.path().toStdString()});
        if (made) hub = std::move(*made);
    }

    // Of one model, split where it has several.
    EntryDownload wish(const std::vector<std::string>& paths, std::size_t nBytes = 3000) {
        EntryDownload wanted{.repository = repository.repository, .folder = hub->folder()};
        unsigned seed = 0;
        for (const std::string& path : paths) {
            const std::string content = randomBytes(nBytes, ++seed);
            repository.add(path, content);
            wanted.entry.parts.push_back({.path = path, .nBytes = nBytes, .sha256 = {}});
            wanted.entry.nBytes += nBytes;
        }
        wanted.entry.name = paths.front();
        wanted.entry.nParts = static_cast<int>(paths.size());
        return wanted;
    }
    std::filesystem::path target(const std::string& path) const {
        return entryFolder(hub->folder(), repository.repository) / path;
    }
};

}  // namespace

class EntryDownloadTest : public QObject {
    Q_OBJECT

private slots:
    void allParts_come() {
        Fixture fixture;
        const EntryDownload wanted =
            fixture.wish({"a-00001-of-00002.gguf", "a-00002-of-00002.gguf"});
        QVERIFY(beginDownload(fixture.hub->downloads(), wanted, kPlenty).has_value());
        fixture.hub->downloads().waitUntilIdle();
        for (const net::HubFile& part : wanted.entry.parts)
            QVERIFY(std::filesystem::exists(fixture.target(part.path)));
    }

    void whatDoesNotFit_doesNotBegin_andSaysHowMuchIsMissing() {
        Fixture fixture;
        const EntryDownload wanted = fixture.wish({"a.gguf"}, 3000);
        const Status begun = beginDownload(fixture.hub->downloads(), wanted, kLeft + 2999);
        QVERIFY(!begun);
        QCOMPARE(begun.error().code, ErrorCode::DiskFull);
        QCOMPARE(begun.error().needed, 3000u);
        QCOMPARE(begun.error().available, 2999u);
        QVERIFY(fixture.hub->downloads().list().empty());
        QVERIFY(beginDownload(fixture.hub->downloads(), wanted, kLeft + 3000).has_value());
    }

    // Two downloads that fit one by one, but not both, before the hub was asked for the first.
    void whatIsOnItsWay_takesItsRoom() {
        Fixture fixture;
        const EntryDownload first = fixture.wish({"a.gguf"}, 100'000);
        const EntryDownload second = fixture.wish({"b.gguf"}, 100'000);
        fixture.repository.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = fixture.repository.bytesReply(request);
            reply.holdsAfter = 10;
            return reply;
        });
        QVERIFY(beginDownload(fixture.hub->downloads(), first, kLeft + 150'000).has_value());
        const Status begun = beginDownload(fixture.hub->downloads(), second, kLeft + 150'000);
        QVERIFY(!begun);
        QCOMPARE(begun.error().code, ErrorCode::DiskFull);
        QVERIFY(begun.error().available < 100'000u);
        QCOMPARE(fixture.hub->downloads().list().size(), 1u);
        fixture.repository.bytes().release();
    }

    void aPartThatIsHere_isNotFetchedAgain() {
        Fixture fixture;
        const EntryDownload wanted =
            fixture.wish({"a-00001-of-00002.gguf", "a-00002-of-00002.gguf"});
        std::filesystem::create_directories(fixture.target("x").parent_path());
        std::ofstream(fixture.target("a-00001-of-00002.gguf"), std::ios::binary)
            << randomBytes(3000, 1);
        QVERIFY(beginDownload(fixture.hub->downloads(), wanted, kPlenty).has_value());
        fixture.hub->downloads().waitUntilIdle();
        QCOMPARE(fixture.hub->downloads().list().size(), 1u);
        QVERIFY(std::filesystem::exists(fixture.target("a-00002-of-00002.gguf")));
    }

    void onePaused_goesOn() {
        Fixture fixture;
        const EntryDownload wanted = fixture.wish({"a.gguf"}, 100'000);
        fixture.repository.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = fixture.repository.bytesReply(request);
            reply.holdsAfter = 10;
            return reply;
        });
        QVERIFY(beginDownload(fixture.hub->downloads(), wanted, kPlenty).has_value());
        QVERIFY(fixture.repository.bytes().waitForRequests(1));
        fixture.hub->downloads().pause(fixture.hub->downloads().list().front().record.id);
        fixture.hub->downloads().waitUntilIdle();
        fixture.repository.bendBytes({});
        fixture.repository.bytes().release();
        QVERIFY(beginDownload(fixture.hub->downloads(), wanted, kPlenty).has_value());
        fixture.hub->downloads().waitUntilIdle();
        QCOMPARE(fixture.hub->downloads().list().front().record.state,
                 net::DownloadState::Verified);
    }

    // The second name is none: the first is not left behind.
    void aPartThatCannotBegin_takesTheOthersAlong() {
        Fixture fixture;
        EntryDownload wanted = fixture.wish({"a.gguf"});
        wanted.entry.parts.push_back({.path = "../b.gguf", .nBytes = 10, .sha256 = {}});
        wanted.entry.nParts = 2;
        QVERIFY(!beginDownload(fixture.hub->downloads(), wanted, kPlenty));
        QTRY_VERIFY(fixture.hub->downloads().list().empty());
    }

    void aModelThatLacksParts_doesNotBegin() {
        Fixture fixture;
        EntryDownload wanted = fixture.wish({"a-00001-of-00002.gguf"});
        wanted.entry.nParts = 2;
        const Status begun = beginDownload(fixture.hub->downloads(), wanted, kPlenty);
        QVERIFY(!begun);
        QCOMPARE(begun.error().code, ErrorCode::NotFound);
        QVERIFY(fixture.hub->downloads().list().empty());
    }

    // The folder is made when the first file comes.
    void freeSpace_isToldOfAFolderThatIsNotThereYet() {
        QTemporaryDir folder;
        const std::filesystem::path there = folder.path().toStdString();
        QVERIFY(freeBytesAt(there) > 0u);
        QVERIFY(freeBytesAt(there / "not" / "yet") > 0u);
    }
};

QTEST_APPLESS_MAIN(EntryDownloadTest)
#include "entry_download_test.moc"
