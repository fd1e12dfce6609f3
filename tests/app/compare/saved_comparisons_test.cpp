// What is kept of a run as it grows: of a temporary chat nothing, and of what was kept before
// nothing is lost; one that was deleted and came back is the same run under another id.
#include "app/compare/saved_comparisons.h"

#include <QSignalSpy>
#include <QtTest>

#include "app/chat/chat_list_model.h"
#include "tests/app/compare/compare_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

struct Program : CompareProgram {
    Program() {
        chats = std::make_unique<ChatListModel>(storageBridge);
        saved = std::make_unique<SavedComparisons>(
            SavedComparisons::Parts{storageBridge, *compare, *chats});
    }
    // A run that ends and is kept.
    void keep(const std::string& prompt) {
        const int nBefore = saved->count();
        ComparisonReport report = keptRun();
        report.prompt = prompt;
        report.text.reset();
        compare->showReport(report);
        emit compare->finished();
        QTRY_COMPARE(saved->count(), nBefore + 1);
    }
    void remove(const char* prompt) {
        for (int row = 0; row < saved->count(); ++row)
            if (saved->data(saved->index(row), SavedComparisons::PromptRole).toString() ==
                QLatin1String(prompt))
                return saved->remove(row);
        qFatal("a kept run is missing");
    }
    // As the disk has it, by its question.
    ComparisonReport stored(const std::string& prompt) {
        const auto report =
            storage->call([&prompt](storage::Database& database) -> Result<ComparisonReport> {
                SOTTO_ASSIGN(const auto rows, database.comparisons().list());
                for (const storage::ComparisonRecord& row : rows) {
                    SOTTO_ASSIGN(const auto record, database.comparisons().find(row.id));
                    if (row.prompt == prompt) return readReport(record.report);
                }
                return fail(ErrorCode::NotFound, "There is none.");
            });
        if (!report) qFatal("a kept run is missing");
        return *report;
    }

    std::unique_ptr<ChatListModel> chats;
    std::unique_ptr<SavedComparisons> saved;
};

}  // namespace

class SavedComparisonsTest : public QObject {
    Q_OBJECT

private slots:
    void temporaryChat_leavesWhatWasKept() {
        Program program;
        program.keep("Why");
        program.compare->takeLoss(program.lossOf(0.25));
        QCOMPARE(program.stored("Why").columns[1].loss->klMean, 0.25);
        program.compare->takeLoss(program.lossOf(0.5, true));
        QCOMPARE(program.compare->report().columns[1].loss->klMean, 0.5);
        const ComparisonReport kept = program.stored("Why");
        QVERIFY(kept.text && kept.text->source == LossSource::BuiltIn);
        QCOMPARE(kept.columns[1].loss->klMean, 0.25);
        program.compare->takeLoss(program.lossOf(0.75));
        QCOMPARE(program.stored("Why").columns[1].loss->klMean, 0.75);
    }
    void temporaryChat_isNotKept() {
        Program program;
        program.keep("Why");
        program.compare->takeLoss(program.lossOf(0.5, true));
        const ComparisonReport kept = program.stored("Why");
        QVERIFY(!kept.text && !kept.columns[0].loss && !kept.columns[1].loss);
    }
    // Ids of what was deleted are given anew: what is measured then goes to the run that it is of.
    void runThatCameBack_growsUnderItsNewId() {
        Program program;
        program.keep("Who");
        program.keep("Why");
        program.remove("Who");
        QTRY_COMPARE(program.saved->count(), 1);
        program.remove("Why");
        QTRY_COMPARE(program.saved->count(), 0);
        program.compare->takeLoss(program.lossOf(0.25));
        // "Who" comes back last, so that the ids change places.
        program.chats->undo();
        QTRY_COMPARE(program.saved->count(), 1);
        program.chats->undo();
        QTRY_COMPARE(program.saved->count(), 2);
        QVERIFY(!program.stored("Who").text);
        QCOMPARE(program.stored("Why").columns[1].loss->klMean, 0.25);
        program.compare->takeLoss(program.lossOf(0.5));
        QVERIFY(!program.stored("Who").text);
        QCOMPARE(program.stored("Why").columns[1].loss->klMean, 0.5);
    }
    void otherRunOfTheSameId_staysAsItIs() {
        Program program;
        program.keep("Why");
        const auto replaced = program.storage->call([](storage::Database& database) -> Status {
            SOTTO_ASSIGN(const auto rows, database.comparisons().list());
            SOTTO_ASSIGN(storage::ComparisonRecord record, database.comparisons().find(rows[0].id));
            record.createdAt += 1;
            record.prompt = "Who";
            SOTTO_ASSIGN([[maybe_unused]] const auto id, database.comparisons().save(record));
            return {};
        });
        QVERIFY(replaced);
        program.compare->takeLoss(program.lossOf(0.25));
        QVERIFY(!program.stored("Who").text);
    }
};

QTEST_MAIN(SavedComparisonsTest)
#include "saved_comparisons_test.moc"
