// The page's controller on a scripted engine: which models it begins with, what becomes of a run,
// and that the chat's model comes back.
#include "app/compare/compare_controller.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include "tests/app/chat/model_program.h"

using namespace sotto;
using namespace sotto::app;
using State = CompareController::State;

namespace {

constexpr auto kSmall = "/small.gguf", kLarge = "/large-type.gguf", kOther = "/other.gguf";

Result<PlannedModel> planOf(const LoadOptions& options, const PlanSpace&) {
    PlannedModel planned;
    ModelInfo& info = planned.info;
    info.path = options.path;
    const std::string path = options.path.string();
    info.name = path == kSmall || path == kLarge ? "Qwen3 4B" : path;
    info.quantization = path == kSmall ? "Q4_K_M" : "F16";
    info.fileBytes = path == kSmall ? 2'500'000'000u : 8'000'000'000u;
    info.contextTokens = 4096;
    return planned;
}

FakeScript script(bool isDriven = false) {
    FakeScript script;
    script.isDriven = isDriven;
    script.answer = [](const GenerationRequest&, int nth) {
        std::vector<FakeToken> tokens{{"Blue"}, {nth % 2 == 1 ? " light" : " rays"}, {" wins"}};
        tokens[1].id = nth % 2 == 1 ? 20 : 21;
        tokens[1].probability = nth % 2 == 1 ? 0.75f : 0.5f;
        return tokens;
    };
    return script;
}

// Of a kept run: without what tells vocabularies apart, so it is compared word by word.
ReportColumn writtenColumn(const std::string& text) {
    ReportColumn column;
    column.name = "Qwen3 4B";
    column.result.state = ColumnState::Done;
    column.result.answer.text = text;
    column.result.answer.tokens.push_back({1, 0.5f, text, {0, text.size()}});
    column.result.answer.isOver = column.result.answer.isEnded = true;
    return column;
}

QVariantMap part(int begin, int length) {
    return {{QStringLiteral("begin"), begin}, {QStringLiteral("length"), length}};
}

struct Program : ModelProgram {
    explicit Program(bool isDriven = false,
                     const std::vector<std::string>& files = {kSmall, kOther, kLarge})
        : ModelProgram({processor()}, "auto", script(isDriven)) {
        {
            const std::lock_guard lock(mutex);
            plan = planOf;
        }
        controller = std::make_unique<CompareController>(
            CompareController::Parts{engineBridge, *models, settings, jobs});
        addToLibrary(files);
        QTRY_VERIFY(controller->columns()->count() == 2 || files.empty());
    }
    ~Program() { controller.reset(); }

    void awaitState(int row, CompareColumnModel::State state) {
        QTRY_COMPARE(at(row, CompareColumnModel::StateRole).toInt(), int(state));
    }

    QVariant at(int row, CompareColumnModel::Role role) {
        CompareColumnModel& columns = *controller->columns();
        return columns.data(columns.index(row), role);
    }
    QStringList paths() {
        QStringList paths;
        for (int row = 0; row < controller->columns()->count(); ++row)
            paths.append(at(row, CompareColumnModel::PathRole).toString());
        return paths;
    }
    void choose() {
        controller->setModel(0, QString::fromLatin1(kLarge));
        controller->setModel(1, QString::fromLatin1(kSmall));
        controller->setPrompt(QStringLiteral("Why is the sky blue?"));
    }
    void runToItsEnd() {
        choose();
        controller->run();
        QVERIFY(controller->isRunning());
        QTRY_VERIFY(!controller->isRunning());
    }

    std::unique_ptr<CompareController> controller;
};

}  // namespace

class CompareControllerTest : public QObject {
    Q_OBJECT

private slots:
    void typesOfOneModel_areSuggested() {
        Program program;
        QTRY_COMPARE(program.paths(),
                     (QStringList{QString::fromLatin1(kLarge), QString::fromLatin1(kSmall)}));
        QCOMPARE(program.controller->state(), State::Choosing);
        QVERIFY(!program.controller->canRun());  // nothing is asked
        program.controller->setPrompt(QStringLiteral("Hello"));
        QVERIFY(program.controller->canRun());
    }
    void columns_areChosenAddedAndRemoved() {
        Program program;
        QAbstractItemModelTester tester(program.controller->columns(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        program.choose();
        program.controller->addModel(QString::fromLatin1(kOther));
        QCOMPARE(program.paths().size(), 3);
        QVERIFY(!program.controller->canAdd());
        program.controller->addModel(QString::fromLatin1(kOther));
        QCOMPARE(program.paths().size(), 3);
        program.controller->removeColumn(0);
        QCOMPARE(program.paths(),
                 (QStringList{QString::fromLatin1(kSmall), QString::fromLatin1(kOther)}));
        program.controller->removeColumn(0);  // two are the least
        QCOMPARE(program.paths().size(), 2);
        // What a person chose stays, whatever is read again.
        program.lookAgain();
        QCOMPARE(program.paths(),
                 (QStringList{QString::fromLatin1(kSmall), QString::fromLatin1(kOther)}));
    }
    void menuOfAModel_beginsWithItsOtherType() {
        Program program;
        program.controller->beginWith(QString::fromLatin1(kSmall));
        QCOMPARE(program.paths(),
                 (QStringList{QString::fromLatin1(kLarge), QString::fromLatin1(kSmall)}));
        program.controller->beginWithQuestion(QStringLiteral("Why?"), QString::fromLatin1(kOther),
                                              false);
        QCOMPARE(program.paths().front(), QString::fromLatin1(kOther));
        QCOMPARE(program.controller->prompt(), QStringLiteral("Why?"));
        QVERIFY(!program.controller->isPrivate());
        program.controller->beginWithQuestion(QStringLiteral("Who?"), QString::fromLatin1(kOther),
                                              true);
        QVERIFY(program.controller->isPrivate());
        program.controller->setPrompt({});
        QVERIFY(!program.controller->isPrivate());
    }
    void run_tellsWhereAnswersPart() {
        Program program;
        QSignalSpy finished(program.controller.get(), &CompareController::finished);
        program.runToItsEnd();
        QCOMPARE(program.controller->state(), State::Ended);
        QCOMPARE(finished.count(), 1);
        QCOMPARE(program.at(0, CompareColumnModel::AnswerRole).toString(),
                 QStringLiteral("Blue light wins"));
        QCOMPARE(program.at(1, CompareColumnModel::FootRole).toString(),
                 QStringLiteral("from token 2: “rays” 0.50, F16 “light” 0.75"));
        QCOMPARE(program.at(1, CompareColumnModel::CommonLengthRole).toInt(), 4);
        const QVariantMap mark = program.at(1, CompareColumnModel::MarkRole).toMap();
        QCOMPARE(mark[QStringLiteral("begin")].toInt(), 5);
        QCOMPARE(mark[QStringLiteral("length")].toInt(), 4);
        QVERIFY(program.at(1, CompareColumnModel::ChangesRole).toList().isEmpty());
        QVERIFY(program.at(0, CompareColumnModel::SpeedRole).toDouble() > 0);
        QVERIFY(program.controller->hasAnswers());
        const auto requests = program.engine.requests();
        QCOMPARE(requests.back().sampling.temperature, 0.0f);
        QCOMPARE(requests.back().maxTokens, std::int64_t(512));
        // The same context for all, so that their memory can be compared.
        const auto loads = program.engine.loads();
        QCOMPARE(loads[loads.size() - 2].contextTokens, loads.back().contextTokens);
    }
    void chatsModel_rests_andComesBack() {
        Program program;
        QVERIFY(program.models->load(QString::fromLatin1(kOther)));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        program.runToItsEnd();
        QTRY_COMPARE(program.models->state(), ModelController::Resting);
        QCOMPARE(program.models->path(), QString::fromLatin1(kOther));
        program.models->wake();
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        // Given back by a person it does not come back.
        program.models->unload();
        QTRY_COMPARE(program.models->state(), ModelController::NoModel);
    }
    void chatThatWrites_isNotInterrupted() {
        Program program(true);
        QVERIFY(program.models->load(QString::fromLatin1(kOther)));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QVERIFY(program.engineBridge.submit({}));
        program.choose();
        program.controller->run();
        QVERIFY(!program.controller->isRunning());
        QVERIFY(!program.controller->problem().isEmpty());
        QCOMPARE(program.controller->state(), State::Choosing);
        program.controller->dismissProblem();
        program.engine.finish();
        QTRY_VERIFY(program.controller->problem().isEmpty());
        QTRY_VERIFY((program.controller->run(), program.controller->isRunning()));
        program.controller->stop();
        QTRY_VERIFY(!program.controller->isRunning());
    }
    void stoppedRun_keepsItsWords() {
        Program program(true);
        program.choose();
        program.controller->run();
        QTRY_COMPARE(program.at(0, CompareColumnModel::StateRole).toInt(),
                     int(CompareColumnModel::Reading));
        program.engine.write("Blue");
        QTRY_COMPARE(program.at(0, CompareColumnModel::StateRole).toInt(),
                     int(CompareColumnModel::Writing));
        QVERIFY(!program.controller->canAdd());
        program.controller->stopColumn(1);
        QCOMPARE(program.at(1, CompareColumnModel::StateRole).toInt(),
                 int(CompareColumnModel::Stopped));
        program.controller->stop();
        QTRY_COMPARE(program.controller->state(), State::Ended);
        QCOMPARE(program.at(0, CompareColumnModel::AnswerRole).toString(), QStringLiteral("Blue"));
    }
    void failedColumn_saysWhy() {
        Program program;
        program.engine.change([](FakeScript& script) {
            script.endOfLoad = [](const LoadOptions& options) -> std::optional<Error> {
                if (options.path != kSmall) return std::nullopt;
                return Error{ErrorCode::FileDamaged, "The file is cut off."};
            };
        });
        program.runToItsEnd();
        QCOMPARE(program.at(1, CompareColumnModel::StateRole).toInt(),
                 int(CompareColumnModel::Failed));
        QCOMPARE(program.at(1, CompareColumnModel::ProblemRole).toString(),
                 QStringLiteral("The file is cut off."));
        QCOMPARE(program.at(0, CompareColumnModel::StateRole).toInt(),
                 int(CompareColumnModel::Done));
    }
    void delivery_tellsOfTheColumnAtWork() {
        Program program(true);
        program.choose();
        program.controller->run();
        program.awaitState(0, CompareColumnModel::Reading);
        QSignalSpy changed(program.controller->columns(), &CompareColumnModel::dataChanged);
        program.engine.write("Blue");
        program.awaitState(0, CompareColumnModel::Writing);
        for (const auto& of : changed) QCOMPARE(of[0].toModelIndex().row(), 0);
        program.engine.finish();
        program.awaitState(1, CompareColumnModel::Reading);
        changed.clear();
        FakeToken grey{"Grey"};
        grey.id = 7;
        program.engine.writeToken(grey);
        QTRY_VERIFY(program.at(1, CompareColumnModel::HasDifferenceRole).toBool());
        program.engine.write(" sky");
        QTRY_COMPARE(program.at(1, CompareColumnModel::AnswerRole).toString(),
                     QStringLiteral("Grey sky"));
        QVERIFY(changed.count() > 0);
        for (const auto& of : changed) {
            QCOMPARE(of[0].toModelIndex().row(), 1);
            QCOMPARE(of[1].toModelIndex().row(), 1);
        }
        program.controller->stop();
        QTRY_VERIFY(!program.controller->isRunning());
    }
    // Above U+FFFF a character is four bytes and two units; others are three and one.
    void differences_standInUtf16() {
        Program program;
        ComparisonReport report;
        report.columns = {writtenColumn("日😀 blue sky today"), writtenColumn("日😀 grey sky 😀 now")};
        program.controller->showReport(report);
        QCOMPARE(program.at(1, CompareColumnModel::CommonLengthRole).toInt(), 4);
        QCOMPARE(program.at(1, CompareColumnModel::MarkRole).toMap(), part(4, 4));
        QCOMPARE(program.at(1, CompareColumnModel::ChangesRole).toList(),
                 (QVariantList{part(13, 2), part(16, 3)}));
        // Another one in its place is compared anew, even as long.
        report.columns[1] = writtenColumn("日😀 blue sky 😀 now");
        program.controller->showReport(report);
        QCOMPARE(program.at(1, CompareColumnModel::MarkRole).toMap(), part(13, 2));
    }
    void columns_changeInTheirPlace() {
        Program program;
        program.choose();
        CompareColumnModel* columns = program.controller->columns();
        QAbstractItemModelTester tester(columns,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        QSignalSpy reset(columns, &CompareColumnModel::modelReset);
        QSignalSpy changed(columns, &CompareColumnModel::dataChanged);
        program.controller->setModel(1, QString::fromLatin1(kOther));
        QCOMPARE(reset.count(), 0);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(program.paths().back(), QString::fromLatin1(kOther));
        program.controller->addModel(QString::fromLatin1(kSmall));
        QCOMPARE(reset.count(), 1);
    }
    void keptRun_isShownAgain() {
        Program program;
        program.runToItsEnd();
        const ComparisonReport report = program.controller->report();
        program.choose();
        QVERIFY(!program.controller->hasAnswers());
        program.controller->showReport(report);
        QCOMPARE(program.controller->state(), State::Kept);
        QCOMPARE(program.at(1, CompareColumnModel::FootRole).toString(),
                 QStringLiteral("from token 2: “rays” 0.50, F16 “light” 0.75"));
    }
    void oneModel_isNotEnough() {
        Program program(false, {});
        QTRY_COMPARE(program.controller->state(), State::OneModel);  // the built-in one
        QVERIFY(!program.controller->canRun());
    }
    void pictureThatIsNone_isTold() {
        Program program;
        QVERIFY(program.controller->problem().isEmpty());
        program.controller->savePicture({}, Qt::white, Qt::black, {},
                                        QUrl::fromLocalFile(program.folder.filePath("run.png")));
        QVERIFY2(program.controller->problem().startsWith(QStringLiteral("The picture cannot")),
                 qPrintable(program.controller->problem()));
    }
    void report_isExported() {
        Program program;
        program.runToItsEnd();
        const QString markdown = program.folder.filePath(QStringLiteral("run.md"));
        const QString json = program.folder.filePath(QStringLiteral("run.json"));
        program.controller->saveTo(QUrl::fromLocalFile(markdown));
        program.controller->saveTo(QUrl::fromLocalFile(json));
        QTRY_VERIFY(QFile::exists(json));
        QTRY_VERIFY(QFile::exists(markdown));
        QFile file(json);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(readReport(file.readAll().toStdString()));
        program.controller->saveTo(
            QUrl::fromLocalFile(program.folder.filePath(QStringLiteral("no/such/run.md"))));
        QTRY_VERIFY(!program.controller->problem().isEmpty());
    }
};

QTEST_MAIN(CompareControllerTest)
#include "compare_controller_test.moc"
