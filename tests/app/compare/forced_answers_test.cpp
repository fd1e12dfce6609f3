// Where a smaller type would have gone another way in the larger one's answer, asked of the real
// engine: what is told, marked and kept, and that a stopped question tells nothing.
#include "app/compare/forced_answers.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include "engine/api/tokenizer.h"
#include "tests/app/compare/compare_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr auto kText = "The light of line 7 is blue and the sky is not.";

// An answer in that vocabulary, with the text of each token.
WrittenAnswer writtenAnswer(const std::string& model, const std::string& text) {
    const auto tokenizer = loadTokenizer(model);
    const auto ids = tokenizer ? (*tokenizer)->encode(text, {}) : std::vector<std::int32_t>();
    if (!ids || ids->empty()) qFatal("a test's text cannot be encoded");
    WrittenAnswer answer;
    for (const std::int32_t id : *ids) {
        const std::string piece = (*tokenizer)->pieceBytes(id, true);
        const std::size_t begin = answer.text.size();
        answer.text += piece;
        answer.tokens.push_back({id, 0.5f, piece, {begin, answer.text.size()}});
    }
    answer.isOver = answer.isEnded = true;
    return answer;
}

struct Program : CompareProgram {
    Program() {
        ComparisonReport report = compare->report();
        report.prompt = "Hello";
        for (ReportColumn& column : report.columns) {
            column.result.state = ColumnState::Done;
            column.result.answer = writtenAnswer(files[0], kText);
        }
        compare->showReport(report);
        forced = std::make_unique<ForcedAnswers>(reading());
    }
    void askToTheEnd() {
        forced->ask(1);
        QCOMPARE(forced->column(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(forced->column(), -1, 120'000);
    }
    QVariant at(int row, CompareColumnModel::Role role) {
        CompareColumnModel& columns = *compare->columns();
        return columns.data(columns.index(row), role);
    }

    std::unique_ptr<ForcedAnswers> forced;
};

}  // namespace

class ForcedAnswersTest : public QObject {
    Q_OBJECT

private slots:
    void smallerType_isAsked() {
        Program program;
        QAbstractItemModelTester tester(program.compare->columns(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        QSignalSpy grown(program.compare.get(), &CompareController::grown);
        QVERIFY(program.forced->canAsk());
        QCOMPARE(program.at(1, CompareColumnModel::ForcedCountRole).toInt(), -1);
        program.askToTheEnd();
        QCOMPARE(program.forced->problem(), QString());
        QCOMPARE(grown.count(), 1);
        // As compareAnswer() itself has it.
        AnswerToCompare answer;
        answer.prompt = ChatPrompt{.messages = {{Role::User, "Hello", {}}}};
        const ComparisonReport shown = program.compare->report();
        for (const WrittenToken& token : shown.columns[0].result.answer.tokens)
            answer.answer.push_back(token.id);
        std::vector<LoadOptions> loads(2);
        loads[0].path = program.files[0];
        loads[1].path = program.files[1];
        EngineOptions engine;
        engine.device = "cpu";
        const auto rows = compareAnswer(engine, loads, answer, {});
        QVERIFY2(rows, rows ? "" : rows.error().message.c_str());
        const ForcedReading expected = forcedReading((*rows)[0], (*rows)[1]);
        QVERIFY(!expected.others.empty());  // four bits of these weights differ in some place
        const auto kept = readReport(reportJson(program.compare->report()));
        QVERIFY(kept && kept->columns[1].forced);
        QCOMPARE(kept->columns[1].forced->nTokens, expected.nTokens);
        QCOMPARE(kept->columns[1].forced->others.size(), expected.others.size());
        QCOMPARE(kept->columns[1].forced->others[0].index, expected.others[0].index);
        QCOMPARE(program.at(1, CompareColumnModel::ForcedCountRole).toInt(),
                 int(expected.others.size()));
        // Marked in the reference's answer, with what would have been said.
        QVERIFY(program.at(1, CompareColumnModel::IsMarkedRole).toBool());
        const QVariantList ways = program.at(0, CompareColumnModel::OtherWaysRole).toList();
        QVERIFY(!ways.isEmpty());
        QVERIFY2(
            ways[0].toMap()[QStringLiteral("text")].toString().startsWith(QStringLiteral("Here ")),
            qPrintable(ways[0].toMap()[QStringLiteral("text")].toString()));
        program.compare->markForced(-1);
        QVERIFY(program.at(0, CompareColumnModel::OtherWaysRole).toList().isEmpty());
        // Another choice of models: nothing of it is left.
        program.compare->setModel(1, QString::fromStdString(program.files[0]));
        QCOMPARE(program.at(1, CompareColumnModel::ForcedCountRole).toInt(), -1);
        QVERIFY(!program.forced->canAsk());
    }
    void stoppedQuestion_tellsNothing() {
        Program program;
        program.forced->ask(1);
        QVERIFY(std::ranges::any_of(program.jobs.jobs(), [&program](const JobInfo& job) {
            return job.spec.reads == program.files;
        }));
        QVERIFY(!program.compare->canRun());
        QVERIFY(!program.forced->canAsk());
        program.forced->stop();
        QTRY_COMPARE(program.forced->column(), -1);
        QTRY_VERIFY(program.forced->canAsk());
        QVERIFY(program.forced->problem().isEmpty());
        QCOMPARE(program.at(1, CompareColumnModel::ForcedCountRole).toInt(), -1);
    }
    void modelThatIsGone_isTold() {
        Program program;
        QVERIFY(QFile::remove(QString::fromStdString(program.files[1])));
        program.askToTheEnd();
        QVERIFY(!program.forced->problem().isEmpty());
        program.forced->dismissProblem();
        QVERIFY(program.forced->problem().isEmpty());
    }
    void problem_isOfItsRun() {
        Program program;
        QVERIFY(QFile::remove(QString::fromStdString(program.files[1])));
        program.askToTheEnd();
        QVERIFY(!program.forced->problem().isEmpty());
        program.compare->showReport(program.compare->report());
        QCOMPARE(program.forced->problem(), QString());
    }
    void answerForAnotherRun_isDropped() {
        Program program;
        QSignalSpy grown(program.compare.get(), &CompareController::grown);
        program.forced->ask(1);
        program.compare->showReport(program.compare->report());
        QCOMPARE(program.forced->column(), -1);
        QTRY_VERIFY_WITH_TIMEOUT(program.forced->canAsk(), 120'000);
        QCOMPARE(grown.count(), 0);
        QCOMPARE(program.forced->problem(), QString());
    }
    // A drawn token that neither finds likeliest is no difference, where both would say the same.
    void reading_hasWhatDiffers() {
        const auto row = [](std::int32_t id, std::int32_t choice, const char* text) {
            AnswerToken token;
            token.token = id;
            token.choice = choice;
            token.probability = 0.25;
            token.choiceProbability = 0.5;
            token.choiceText = text;
            return token;
        };
        const std::vector<AnswerToken> reference{row(1, 1, "a"), row(2, 2, "b"), row(3, 9, "z"),
                                                 row(4, 9, "z")};
        const std::vector<AnswerToken> model{row(1, 1, "a"), row(2, 7, "c"), row(3, 9, "z"),
                                             row(4, 7, "c")};
        const ForcedReading reading = forcedReading(reference, model);
        QCOMPARE(reading.nTokens, std::int64_t(4));
        QCOMPARE(reading.others,
                 (std::vector<OtherChoice>{{1, 0.25f, "c", 0.5f}, {3, 0.25f, "c", 0.5f}}));
    }
};

QTEST_MAIN(ForcedAnswersTest)
#include "forced_answers_test.moc"
