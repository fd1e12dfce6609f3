// One file and the disk that it comes to: no room, what lies there already, what others did to it.
#include <QtTest>
#include <atomic>

#include "tests/net/download_fixture.h"
#include "tests/net/one_file.h"

using namespace sotto;
using namespace sotto::net;
using namespace sotto::test;

namespace {

// A download that a full disk has paused. What comes is written in pieces of up to a megabyte and
// a quarter, and a part is read again in pieces of one: there is more than one of both.
struct FilledDisk {
    static constexpr std::size_t kRoom = 5'000'000;

    explicit FilledDisk(DownloadFixture& of) : fixture(of) {
        fixture.hub.add(kPath, content);
        fixture.disk.nRoomBytes = kRoom;
        fixture.add(kPath);
        info = fixture.result();
        fixture.disk.nRoomBytes = 0;
    }

    void makeRoom() { fixture.disk.nRoomBytes = UINT64_MAX; }
    std::uint64_t nKept() const { return info.record.nKeptBytes; }
    bool isPartUntouched() const {
        return contentOf(partOf(fixture.target(kPath))) == content.substr(0, nKept());
    }
    bool isUntouched(const DownloadInfo& now) const {
        return now.record.nKeptBytes == nKept() && isPartUntouched();
    }
    std::string rest() const { return "bytes=" + std::to_string(nKept()) + "-"; }

    DownloadFixture& fixture;
    const std::string content = randomBytes(6'000'000, 2);
    DownloadInfo info;
};

}  // namespace

class DownloadDiskTest : public QObject {
    Q_OBJECT

private slots:
    // 2: what another program did to the part is found, too.
    void whatWasOnDisk_isReadAgain() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes(
            brokenOnce(fixture.hub, [](const ServedRequest&) { return Reply{.status = 404}; }));
        const auto id = fixture.add(kPath);
        VERIFY_OK(id);
        COMPARE_STATE(fixture.result(), Interrupted);
        QCOMPARE(fixture.result().record.nKeptBytes, kCut);
        QFile part(QString::fromStdString(partOf(fixture.target(kPath)).string()));
        QVERIFY(part.open(QIODevice::ReadWrite) && part.seek(1000) &&
                part.putChar(static_cast<char>(kContent[1000] ^ 1)));
        part.close();
        fixture.hub.bendBytes({});
        fixture.queue->resume(*id);
        const DownloadInfo info = fixture.result();
        QCOMPARE(fixture.bytesRequests().back().header("Range"),
                 "bytes=" + std::to_string(kCut) + "-");
        COMPARE_STATE(info, Damaged);
    }

    // 10, before
    void whereThereIsNoRoom_nothingBegins() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.disk.nFreeBytes = kSize;
        VERIFY_OK(fixture.add(kPath));
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Paused);
        QCOMPARE(info.record.problem.code, ErrorCode::DiskFull);
        QCOMPARE(info.record.problem.available, kSize);
        QVERIFY(info.record.problem.needed > kSize);
        QVERIFY(fixture.bytesRequests().empty());
    }

    // 10, during
    void aDiskThatFills_pausesIt_withEverythingKept() {
        DownloadFixture fixture;
        FilledDisk filled(fixture);
        const DownloadInfo info = filled.info;
        COMPARE_STATE(info, Paused);
        QCOMPARE(info.record.problem.code, ErrorCode::DiskFull);
        QVERIFY(filled.nKept() > 0);
        QVERIFY(filled.nKept() <= FilledDisk::kRoom);
        QVERIFY(filled.isPartUntouched());
        // Tried while it is as full as before.
        fixture.queue->resume(info.record.id);
        const DownloadInfo again = fixture.result();
        COMPARE_STATE(again, Paused);
        QVERIFY(filled.isUntouched(again));
        filled.makeRoom();
        fixture.queue->resume(info.record.id);
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == filled.content);
        QCOMPARE(fixture.bytesRequests().back().header("Range"), filled.rest());
    }

    // Less is known of it by then than is there.
    void aPart_thatIsBeingReadAgain_isNotCutByAPause() {
        DownloadFixture fixture;
        FilledDisk filled(fixture);
        filled.makeRoom();
        const DownloadId id = filled.info.record.id;
        fixture.disk.onRead = [&](std::uint64_t) {
            fixture.queue->pause(id);
            return Status();
        };
        fixture.queue->resume(id);
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Paused);
        QVERIFY(filled.isUntouched(info));
        fixture.disk.onRead = {};
        fixture.queue->resume(id);
        COMPARE_STATE(fixture.result(), Verified);
        QCOMPARE(fixture.bytesRequests().back().header("Range"), filled.rest());
    }

    void aPart_thatCannotBeReadForAWhile_isNotCut() {
        DownloadFixture fixture;
        FilledDisk filled(fixture);
        filled.makeRoom();
        const DownloadId id = filled.info.record.id;
        fixture.disk.onRead = [](std::uint64_t offset) {
            return offset == 0 ? Status()
                               : Status(fail(ErrorCode::Io, "The disk is slow to wake."));
        };
        fixture.queue->resume(id);
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Interrupted);
        QCOMPARE(info.record.problem.code, ErrorCode::Io);
        QVERIFY(filled.isUntouched(info));
        fixture.disk.onRead = {};
        fixture.queue->resume(id);
        COMPARE_STATE(fixture.result(), Verified);
        QCOMPARE(fixture.bytesRequests().back().header("Range"), filled.rest());
    }

    // 11
    void badPaths_neverReachTheDisk() {
        DownloadFixture fixture;
        for (const char* path : {"../evil", "/etc/evil", "C:evil", "CON", "a\\b", "a:b"})
            COMPARE_ERROR(fixture.add(path), ErrorCode::InvalidArgument);
        QVERIFY(fixture.hub.hub().requests().empty());
        QVERIFY(QDir(fixture.folder.path()).isEmpty());
    }

    void whatIsThereAlready_isNotReplaced() {
        DownloadFixture fixture;
        fixture.hub.add("tiny.gguf", kContent);
        QFile file(QString::fromStdString(fixture.target("tiny.gguf").string()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("mine");
        file.close();
        COMPARE_ERROR(fixture.add("tiny.gguf"), ErrorCode::InvalidArgument);
        QCOMPARE(contentOf(fixture.target("tiny.gguf")), std::string("mine"));
    }

    // A kill between the file's last name and the last word about it.
    void whatIsWholeAlready_isSeen() {
        DownloadFixture fixture;
        fixture.hub.add("tiny.gguf", kContent);
        VERIFY_OK(fixture.store.save({.id = 7,
                                      .repository = fixture.hub.repository,
                                      .revision = "main",
                                      .path = "tiny.gguf",
                                      .target = fixture.target("tiny.gguf"),
                                      .sha256 = sha256Of(kContent),
                                      .nBytes = kSize,
                                      .nKeptBytes = kSize,
                                      .etag = "\"x\""}));
        QFile file(QString::fromStdString(fixture.target("tiny.gguf").string()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(kContent));
        file.close();
        fixture.start();
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(fixture.hub.hub().requests().empty());
    }

    void aPart_thatAnotherProgramHolds_isLeftAlone() {
        DownloadFixture fixture;
        fixture.hub.add("tiny.gguf", kContent);
        SystemDisk disk;
        const auto held = disk.openPart(partOf(fixture.target("tiny.gguf")));
        VERIFY_OK(held);
        VERIFY_OK(fixture.add("tiny.gguf"));
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Interrupted);
        QCOMPARE(info.record.problem.code, ErrorCode::Busy);
    }

    void aFolder_thatIsNone() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        QFile file(fixture.folder.filePath("Q4"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        VERIFY_OK(fixture.add(kPath));
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Interrupted);
        QVERIFY(!info.record.problem.message.empty());
        QVERIFY(fixture.hub.hub().requests().empty());
    }

    // Nothing came, so nothing is left.
    void whatNeverBegan_leavesNothingBehind() {
        DownloadFixture fixture;
        fixture.hub.bendHub([](const ServedRequest&) { return Reply{.status = 404}; });
        VERIFY_OK(fixture.add("tiny.gguf"));
        COMPARE_STATE(fixture.result(), Interrupted);
        QVERIFY(QDir(fixture.folder.path()).isEmpty());
    }
};

QTEST_GUILESS_MAIN(DownloadDiskTest)
#include "download_disk_test.moc"
