#include "storage/download_table.h"

#include <QTest>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

DownloadRecord someDownload(std::int64_t id, std::int64_t position) {
    return {.id = id,
            .position = position,
            .endpoint = "https://hub.example",
            .repository = "acme/tiny",
            .revision = "main",
            .path = "tiny.gguf",
            .target = "/models/" + std::to_string(id) + ".gguf",
            .state = "waiting"};
}

}  // namespace

class DownloadTableTest : public QObject {
    Q_OBJECT
private slots:
    void init() { VERIFY_OK(m_library.open()); }

    void aSavedDownload_comesBackWhole() {
        DownloadRecord saved = someDownload(7, 1);
        saved.target = "/models/模 型 'x'.gguf";
        saved.commit = std::string(40, 'c');
        saved.sha256 = std::string(64, 'a');
        saved.blobSha1 = std::string(40, 'b');
        saved.sizeBytes = 53'687'091'200;
        saved.keptBytes = 53'687'091'199;
        saved.etag = R"("etag")";
        saved.state = "paused";
        saved.problem = Error{ErrorCode::DiskFull, "No room.", "tiny.gguf", 12, 3};
        VERIFY_OK(m_library->downloads().save(saved));
        const auto list = m_library->downloads().list();
        VERIFY_OK(list);
        QCOMPARE(list->size(), 1u);
        const DownloadRecord& found = list->front();
        QCOMPARE(found.id, saved.id);
        QCOMPARE(found.position, saved.position);
        QCOMPARE(found.endpoint, saved.endpoint);
        QCOMPARE(found.repository, saved.repository);
        QCOMPARE(found.revision, saved.revision);
        QCOMPARE(found.path, saved.path);
        QCOMPARE(found.target, saved.target);
        QCOMPARE(found.commit, saved.commit);
        QCOMPARE(found.sha256, saved.sha256);
        QCOMPARE(found.blobSha1, saved.blobSha1);
        QCOMPARE(found.sizeBytes, saved.sizeBytes);
        QCOMPARE(found.keptBytes, saved.keptBytes);
        QCOMPARE(found.etag, saved.etag);
        QCOMPARE(found.state, saved.state);
        QVERIFY(found.problem.has_value());
        QCOMPARE(found.problem->code, ErrorCode::DiskFull);
        QCOMPARE(found.problem->message, saved.problem->message);
        QCOMPARE(found.problem->context, saved.problem->context);
        QCOMPARE(found.problem->needed, std::uint64_t{12});
        QCOMPARE(found.problem->available, std::uint64_t{3});
    }

    void savingAgain_replaces_andClearsWhatWasWrong() {
        DownloadRecord download = someDownload(1, 1);
        download.problem = Error{ErrorCode::Unreachable, "No answer.", {}, 0, 0};
        VERIFY_OK(m_library->downloads().save(download));
        download.problem.reset();
        download.keptBytes = 5;
        VERIFY_OK(m_library->downloads().save(download));
        const auto list = m_library->downloads().list();
        QCOMPARE(list->size(), 1u);
        QCOMPARE(list->front().keptBytes, std::int64_t{5});
        QVERIFY(!list->front().problem);
    }

    void theList_isInItsOrder() {
        for (const auto& [id, position] : {std::pair{1, 3}, {2, 1}, {3, 2}, {4, 2}})
            VERIFY_OK(m_library->downloads().save(someDownload(id, position)));
        const auto list = m_library->downloads().list();
        std::vector<std::int64_t> ids;
        for (const DownloadRecord& download : *list) ids.push_back(download.id);
        QCOMPARE(ids, (std::vector<std::int64_t>{2, 3, 4, 1}));
    }

    void aRemovedOne_isGone_alsoTwice() {
        VERIFY_OK(m_library->downloads().save(someDownload(1, 1)));
        VERIFY_OK(m_library->downloads().save(someDownload(2, 2)));
        VERIFY_OK(m_library->downloads().remove(1));
        VERIFY_OK(m_library->downloads().remove(1));
        QCOMPARE(m_library->downloads().list()->size(), 1u);
    }

    void whatHasNoPlace_isRefused() {
        VERIFY_FAILS(m_library->downloads().save(someDownload(0, 1)), ErrorCode::InvalidArgument);
        // With a good one: none of them.
        const std::vector<DownloadRecord> both{someDownload(7, 1), someDownload(0, 2)};
        VERIFY_FAILS(m_library->downloads().saveAll(both), ErrorCode::InvalidArgument);
        QVERIFY(m_library->downloads().list()->empty());
        DownloadRecord nowhere = someDownload(1, 1);
        nowhere.target.clear();
        VERIFY_FAILS(m_library->downloads().save(nowhere), ErrorCode::InvalidArgument);
    }

private:
    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(DownloadTableTest)
#include "download_table_test.moc"
