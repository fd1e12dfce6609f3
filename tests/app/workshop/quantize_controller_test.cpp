// The dialog's controller on a real file: every mix is planned, one is made by the real engine, and
// what stands against it is told before it begins.
#include "app/workshop/quantize_controller.h"

#include <QSignalSpy>
#include <QtTest>
#include <future>

#include "engine/gguf/gguf_reader.h"
#include "tests/app/workshop/workshop.h"
#include "tests/engine/hf/hf_folder.h"

using namespace sotto;
using namespace sotto::app;
using State = QuantizeController::State;

class QuantizeControllerTest : public QObject {
    Q_OBJECT
private slots:
    void mixes_areAllPlanned() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        MixListModel& mixes = *controller.mixes();
        for (const char* type : {"Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "Q3_K_M", "Q2_K"})
            QVERIFY2(mixes.planOf(QString::fromLatin1(type)) != nullptr, type);
        // As large as the source: nobody would choose it.
        for (const char* type : {"F32", "F16", "BF16", "MXFP4_MOE"})
            QVERIFY2(mixes.rowOf(QString::fromLatin1(type)) < 0, type);
        QVERIFY(workshop.data(QStringLiteral("IQ1_S"), MixListModel::RefusalRole)
                    .contains(QStringLiteral("importance matrix")));
        QCOMPARE(workshop.data(QStringLiteral("Q4_K_M"), MixListModel::HasForecastRole),
                 QStringLiteral("true"));
        QCOMPARE(controller.type(), mixes.suggested());
        QVERIFY(!controller.type().isEmpty());
        QCOMPARE(controller.fileName(), QStringLiteral("tiny-%1.gguf").arg(controller.type()));
        QVERIFY(controller.canStart());
        QVERIFY2(controller.problem().isEmpty(), qPrintable(controller.problem()));
    }

    // What is told before is what it is afterwards.
    void chosenMix_isMade() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        controller.setType(QStringLiteral("Q4_K_M"));
        QCOMPARE(controller.fileName(), QStringLiteral("tiny-Q4_K_M.gguf"));
        const auto planned = controller.mixes()->planOf(QStringLiteral("Q4_K_M"))->fileBytes;
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
        controller.start();
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Made, kPatience);
        const QString made = workshop.folder.filePath(QStringLiteral("tiny-Q4_K_M.gguf"));
        QCOMPARE(controller.madePath(), made);
        QCOMPARE(QFileInfo(made).size(), static_cast<qint64>(planned));
        QVERIFY2(controller.madeText().contains(QStringLiteral("Q4_K_M")),
                 qPrintable(controller.madeText()));
        QCOMPARE(controller.madeNote(), QStringLiteral("Made by search, no importance matrix"));
        // In the list of models, and loaded from there.
        const auto isListed = [&] {
            for (const ModelEntry& entry : workshop.models->list()->entries())
                if (entry.path == made) return true;
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isListed(), kPatience);
        controller.loadMade();
        QTRY_COMPARE_WITH_TIMEOUT(workshop.models->state(), ModelController::Loaded, kPatience);
        QCOMPARE(workshop.models->path(), made);
        QVERIFY(controller.madeText().isEmpty());
    }

    void aFolder_isQuantized() {
        Workshop workshop;
        const auto model = GgufFile::open(workshop.source.toStdString());
        QVERIFY(model);
        const QString folder = workshop.folder.filePath(QStringLiteral("Tiny-0.1B"));
        QVERIFY(test::writeHfFolder(*model, folder.toStdString(), {.type = "BF16"}));
        QuantizeController& controller = *workshop.controller;
        controller.chooseSource(QUrl::fromLocalFile(folder));
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QCOMPARE(controller.name(), QStringLiteral("Tiny-0.1B"));
        QCOMPARE(controller.folder(), workshop.folder.path());
        QVERIFY2(controller.sourceText().contains(QStringLiteral("tensor")),
                 qPrintable(controller.sourceText() + controller.problem()));
        const QVariantMap choice = controller.sourceChoices().constLast().toMap();
        QCOMPARE(choice.value(QStringLiteral("value")).toString(), folder);
        controller.setType(QStringLiteral("Q8_0"));
        QCOMPARE(controller.fileName(), QStringLiteral("Tiny-0.1B-Q8_0.gguf"));
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
        controller.start();
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Made, kPatience);
        const auto made = GgufFile::open(controller.madePath().toStdString());
        QVERIFY(made);
        QCOMPARE(made->tensors().size(), model->tensors().size());
    }

    void withoutAModel_thereIsNoSource() {
        Workshop workshop;
        QuantizeController& controller = *workshop.controller;
        controller.openBest();
        QCOMPARE(controller.state(), State::NoSource);
        QVERIFY(!controller.canStart());
        controller.setContextTokens(512);
        controller.setImportance(QStringLiteral("/none.gguf"));
        QCOMPARE(controller.state(), State::NoSource);
        controller.setSource(workshop.source);
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
    }

    void closedDialog_leavesTheJobAlone() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        controller.start();
        controller.close();
        QCOMPARE(controller.state(), State::Closed);
        QTRY_VERIFY_WITH_TIMEOUT(!controller.madePath().isEmpty(), kPatience);
        QCOMPARE(controller.state(), State::Closed);
    }

    void takenName_isTold() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        controller.setFileName(QStringLiteral("tiny-f16.gguf"));
        QTRY_VERIFY_WITH_TIMEOUT(controller.problem().contains(QStringLiteral("already")),
                                 kPatience);
        QVERIFY(!controller.canStart());
        controller.start();
        QCOMPARE(controller.state(), State::Ready);
        // A chosen name stays, whatever the type.
        controller.setFileName(QStringLiteral("mine.gguf"));
        controller.setType(QStringLiteral("Q8_0"));
        QCOMPARE(controller.fileName(), QStringLiteral("mine.gguf"));
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
    }

    void badNames_areTold_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("empty") << QStringLiteral("  ");
        QTest::newRow("slash") << QStringLiteral("a/b.gguf");
        QTest::newRow("backslash") << QStringLiteral("a\\b.gguf");
        QTest::newRow("ending") << QStringLiteral("model.bin");
    }
    void badNames_areTold() {
        QFETCH(QString, name);
        Workshop workshop;
        workshop.openAndPlan();
        workshop.controller->setFileName(name);
        QVERIFY(!workshop.controller->problem().isEmpty());
        QVERIFY(!workshop.controller->canStart());
    }

    void missingFolder_isTold() {
        Workshop workshop;
        workshop.openAndPlan();
        workshop.controller->chooseFolder(
            QUrl::fromLocalFile(workshop.folder.filePath(QStringLiteral("gone"))));
        QTRY_VERIFY_WITH_TIMEOUT(
            workshop.controller->problem().contains(QStringLiteral("not there")), kPatience);
        QVERIFY(!workshop.controller->canStart());
        QCOMPARE(workshop.controller->folderChoices().size(), 2);
    }

    // The source changed its end between the look and the work.
    void failure_isToldAndLeavesNothing() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        const QStringList before = workshop.names();
        QFile::resize(workshop.source, 5000);
        controller.start();
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QVERIFY(!controller.problem().isEmpty());
        QCOMPARE(workshop.names(), before);
        QVERIFY(controller.madePath().isEmpty());
        // Another choice, another try.
        controller.setType(QStringLiteral("Q8_0"));
        QTRY_VERIFY_WITH_TIMEOUT(controller.problem().isEmpty(), kPatience);
    }

    void unreadableSource_isTold() {
        Workshop workshop;
        QFile::resize(workshop.source, 5000);
        workshop.controller->open(workshop.source);
        QTRY_COMPARE_WITH_TIMEOUT(workshop.controller->state(), State::Failed, kPatience);
        QVERIFY(!workshop.controller->problem().isEmpty());
        QVERIFY(!workshop.controller->canStart());
        QCOMPARE(workshop.controller->mixes()->rowCount(), 0);
    }

    void waitingJob_isStopped() {
        Workshop workshop;
        workshop.openAndPlan();
        std::promise<void> gate;
        JobSpec spec;
        spec.lane = JobLane::Processor;
        workshop.jobs.start(
            spec,
            [open = gate.get_future().share()](JobContext&) -> Result<int> {
                open.wait();
                return 1;
            },
            [](const Result<int>&) {});
        QuantizeController& controller = *workshop.controller;
        const QStringList before = workshop.names();
        controller.start();
        QCOMPARE(controller.state(), State::Waiting);
        QVERIFY(!controller.progressText().isEmpty());
        controller.stop();
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        gate.set_value();
        QVERIFY2(controller.problem().isEmpty(), qPrintable(controller.problem()));
        QCOMPARE(workshop.names(), before);
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
    }

    void quantizedSource_isWarnedOf() {
        Workshop workshop(DType::Q8_0);
        workshop.openAndPlan();
        QVERIFY(workshop.controller->warning().contains(QStringLiteral("Q8_0")));
        QVERIFY(workshop.controller->mixes()->rowOf(QStringLiteral("Q8_0")) < 0);
        QVERIFY(workshop.controller->canStart());
    }

    // A matrix that lies beside the source is offered; one that is none is refused as a whole.
    void importanceMatrix_isOffered() {
        Workshop workshop;
        const QString matrix = workshop.folder.filePath(QStringLiteral("tiny.imatrix.gguf"));
        QVERIFY(test::writeBytes(matrix.toStdString(), std::vector<std::byte>(100)));
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        QTRY_COMPARE_WITH_TIMEOUT(controller.importanceChoices().size(), 3, kPatience);
        QVERIFY(controller.warning().isEmpty());
        controller.setImportance(matrix);
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Failed, kPatience);
        QVERIFY(controller.problem().contains(QStringLiteral("imatrix")));
        controller.setImportance({});
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QVERIFY(controller.canStart());
    }

    // What was planned is what is made, by its own name.
    void target_isPlannedAndMade() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        QCOMPARE(controller.budget()->value(), QStringLiteral("4.50"));
        workshop.planTarget(BudgetPlanner::Bits, QStringLiteral("5,5"));
        QVERIFY2(controller.budget()->problem().isEmpty(),
                 qPrintable(controller.budget()->problem()));
        QVERIFY(controller.budget()->resultText().contains(QStringLiteral("bits")));
        const QString type = controller.type();
        QVERIFY2(type.endsWith(QStringLiteral(" bpw")), qPrintable(type));
        const MixPlan plan = *controller.mixes()->planOf(type);
        QVERIFY(plan.bitsPerWeight <= 5.5 && plan.bitsPerWeight > 5);
        QVERIFY(workshop.data(type, MixListModel::DivergenceRole).toDouble() > 0);
        QCOMPARE(controller.fileName(),
                 QStringLiteral("tiny-%1.gguf").arg(QString(type).remove(QLatin1Char(' '))));
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
        controller.start();
        QCOMPARE(workshop.jobs.jobs().back().spec.formats, std::vector<std::string>{"5.5 bpw"});
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Made, kPatience);
        QCOMPARE(QFileInfo(controller.madePath()).size(), static_cast<qint64>(plan.fileBytes));
        QVERIFY2(controller.madeText().contains(QStringLiteral("5.5 bpw")),
                 qPrintable(controller.madeText()));
    }

    void targetOfMemory_fits() {
        Workshop workshop;
        workshop.openAndPlan();
        const double memory = (workshop.memoryBytes(QStringLiteral("Q8_0")) +
                               workshop.memoryBytes(QStringLiteral("Q4_0"))) /
                              2;
        workshop.planTarget(BudgetPlanner::Memory,
                            QString::number(memory / static_cast<double>(kGib), 'f', 9));
        const QString type = workshop.controller->type();
        QVERIFY2(type.endsWith(QStringLiteral(" bpw")),
                 qPrintable(workshop.controller->budget()->problem()));
        QVERIFY2(workshop.memoryBytes(type) <= memory + 1,
                 qPrintable(QStringLiteral("%1 of %2")
                                .arg(workshop.memoryBytes(type), 0, 'f', 0)
                                .arg(memory, 0, 'f', 0)));
        QVERIFY(workshop.memoryBytes(type) > workshop.memoryBytes(QStringLiteral("Q4_0")));
        QVERIFY(workshop.controller->mixes()->planOf(type)->budget.isForMemory);
        // With another context it means another file.
        workshop.controller->setContextTokens(128);
        QTRY_COMPARE_WITH_TIMEOUT(workshop.controller->state(), State::Ready, kPatience);
        QVERIFY(workshop.controller->mixes()->planOf(type) == nullptr);
        QVERIFY(!workshop.controller->type().endsWith(QStringLiteral(" bpw")));
    }

    void badTargets_areTold_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* name, BudgetPlanner::Kind kind, const char* value,
                            const char* part) {
            QTest::newRow(name) << int(kind) << QString::fromLatin1(value)
                                << QString::fromLatin1(part);
        };
        row("nothing", BudgetPlanner::Bits, "", "number above 0");
        row("a word", BudgetPlanner::Bits, "four", "number above 0");
        row("zero", BudgetPlanner::FileSize, "0", "number above 0");
        row("below zero", BudgetPlanner::Memory, "-1", "number above 0");
        row("not finite", BudgetPlanner::Bits, "inf", "number above 0");
        row("far too large", BudgetPlanner::FileSize, "1e300", "number above 0");
        row("too few bits", BudgetPlanner::Bits, "0.5", "at least");
        row("too small a file", BudgetPlanner::FileSize, "0.0001", "at least");
        row("no room for the context", BudgetPlanner::Memory, "0.000001", "context");
        row("as large as the source", BudgetPlanner::Bits, "20", "source itself");
    }
    void badTargets_areTold() {
        QFETCH(int, kind);
        QFETCH(QString, value);
        QFETCH(QString, part);
        Workshop workshop;
        workshop.openAndPlan();
        const QString type = workshop.controller->type();
        workshop.planTarget(BudgetPlanner::Kind(kind), value);
        const QString problem = workshop.controller->budget()->problem();
        QVERIFY2(problem.contains(part), qPrintable(problem));
        QCOMPARE(workshop.controller->type(), type);
        // Typing anew takes it back.
        workshop.controller->budget()->setValue(QStringLiteral("6"));
        QVERIFY(workshop.controller->budget()->problem().isEmpty());
    }

    void target_isStopped() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        const int nRows = controller.mixes()->rowCount();
        controller.budget()->plan();
        QVERIFY(controller.budget()->isPlanning());
        QVERIFY(!controller.budget()->progressText().isEmpty());
        controller.budget()->stop();
        QVERIFY(!controller.budget()->isPlanning());
        QTRY_VERIFY_WITH_TIMEOUT(workshop.jobs.jobs().empty(), kPatience);
        QCoreApplication::processEvents();
        QCOMPARE(controller.mixes()->rowCount(), nRows);
        // The dialog's end ends it, too.
        controller.budget()->plan();
        controller.close();
        QVERIFY(!controller.budget()->isPlanning());
    }

    // Types that need a matrix can be chosen, and the matrix is there for the next time.
    void importanceMatrix_isMeasuredFirst() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        QVERIFY(controller.mixes()->planOf(QStringLiteral("IQ2_XS")) == nullptr);
        controller.setImportance(QLatin1String(kMeasuredImportance));
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        controller.setType(QStringLiteral("IQ2_XS"));
        QCOMPARE(controller.type(), QStringLiteral("IQ2_XS"));
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
        controller.start();
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Made, kPatience);
        const QString matrix = workshop.folder.filePath(QStringLiteral("tiny-f16.imatrix.gguf"));
        QVERIFY(QFileInfo::exists(matrix));
        controller.open(workshop.source);
        QTRY_COMPARE_WITH_TIMEOUT(controller.importanceChoices().size(), 3, kPatience);
        QCOMPARE(controller.importanceChoices().at(1).toMap().value("value").toString(), matrix);
        controller.setImportance(matrix);
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QVERIFY(controller.mixes()->planOf(QStringLiteral("IQ2_XS")) != nullptr);
    }

    // What it costs is said before, and how it was made afterwards.
    void errorFeedback_readsATextAndSaysSo() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        QCOMPARE(controller.methods()->method(), QStringLiteral("search"));
        QVERIFY(!controller.methods()->isTextRead());
        controller.setType(QStringLiteral("Q4_0"));
        controller.methods()->setMethod(QStringLiteral("gptq"));
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QVERIFY(controller.methods()->isTextRead());
        QCOMPARE(controller.type(), QStringLiteral("Q4_0"));
        QCOMPARE(controller.fileName(), QStringLiteral("tiny-Q4_0-gptq.gguf"));
        QVERIFY2(controller.methods()->costText().contains(QStringLiteral("of memory")),
                 qPrintable(controller.methods()->costText()));
        const auto planned = controller.mixes()->planOf(QStringLiteral("Q4_0"))->fileBytes;
        const QString own = workshop.texts.filePath(QStringLiteral("own words.txt"));
        QVERIFY(QFile::copy(workshop.textFile(), own));
        controller.methods()->chooseText(QUrl::fromLocalFile(own));
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QCOMPARE(controller.methods()->textChoices().constLast().toMap()["value"].toString(), own);
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
        controller.start();
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Made, kPatience);
        const auto made = GgufFile::open(controller.madePath().toStdString());
        QVERIFY(made);
        QVERIFY(made->metadata().string("sotto.quantize.calibration") ==
                std::string_view("own words.txt"));
        QVERIFY(made->metadata().string("sotto.quantize.recipe")->ends_with("method gptq"));
        QVERIFY2(controller.madeNote().contains(QStringLiteral("GPTQ on own words.txt")),
                 qPrintable(controller.madeNote()));
        // As large as was told, but for the longer name of the text.
        const qint64 difference =
            QFileInfo(controller.madePath()).size() - static_cast<qint64>(planned);
        QVERIFY2(qAbs(difference) <= 64, qPrintable(QString::number(difference)));
        // Another source begins with what is usual.
        controller.open(workshop.source);
        QCOMPARE(controller.methods()->method(), QStringLiteral("search"));
    }

    void scaledColumns_needAMatrix() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        controller.methods()->setMethod(QStringLiteral("awq"));
        QCOMPARE(controller.importance(), QLatin1String(kMeasuredImportance));
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
        controller.setImportance({});
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QVERIFY2(controller.problem().contains(QStringLiteral("importance matrix")),
                 qPrintable(controller.problem()));
        QVERIFY(!controller.canStart());
        controller.setImportance(QLatin1String(kMeasuredImportance));
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        controller.setType(QStringLiteral("Q4_0"));
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
        controller.start();
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Made, kPatience);
        QVERIFY2(controller.madeNote().startsWith(QStringLiteral("AWQ")) &&
                     controller.madeNote().contains(QStringLiteral("text.txt")),
                 qPrintable(controller.madeNote()));
    }

    // What has to run the model, or to know its kind, is off where this version does not.
    void methodsThatCannotBe_areOff() {
        Workshop workshop;
        const QString strange = workshop.folder.filePath(QStringLiteral("strange-f16.gguf"));
        test::TinyModel model;
        model.architecture = "someday";
        QVERIFY(test::writeTinyModel(test::withTypes(model, DType::F16), strange.toStdString()));
        QuantizeController& controller = *workshop.controller;
        const auto isOff = [&controller](int row) {
            return controller.methods()->choices().at(row).toMap()["isOff"].toBool();
        };
        QSignalSpy told(controller.methods(), &QuantizeMethods::choicesChanged);
        controller.open(strange);
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QVERIFY(!isOff(0) && isOff(1) && isOff(2));
        QCOMPARE(told.count(), 1);  // however many formats were planned meanwhile
        QVERIFY(controller.methods()->costText().contains(QStringLiteral("GPTQ")));
        controller.methods()->setMethod(QStringLiteral("gptq"));
        QCOMPARE(controller.methods()->method(), QStringLiteral("search"));
        workshop.openAndPlan();
        QVERIFY(!isOff(0) && !isOff(1) && !isOff(2));
    }

    // A kept comparison with the source on the built-in text tells what a file loses, and an answer
    // how fast it is.
    void measured_takesThePlaceOfExpected() {
        Workshop workshop;
        {
            const std::lock_guard lock(workshop.mutex);
            workshop.plan = [](const LoadOptions& options, const PlanSpace& space) {
                auto planned = planByLayers(space);
                planned->info.name = "tiny";
                planned->info.fileBytes = static_cast<std::uint64_t>(
                    QFileInfo(QString::fromStdString(options.path.string())).size());
                planned->info.quantization =
                    options.path.string().ends_with("f16.gguf") ? "F16" : "Q4_K_M";
                return planned;
            };
        }
        workshop.models->refresh();
        QTRY_VERIFY_WITH_TIMEOUT(workshop.models->list()->find(workshop.source) != nullptr,
                                 kPatience);
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        controller.setType(QStringLiteral("Q4_K_M"));
        QTRY_VERIFY_WITH_TIMEOUT(controller.canStart(), kPatience);
        controller.start();
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Made, kPatience);
        const QString made = controller.madePath();
        QTRY_VERIFY_WITH_TIMEOUT(workshop.models->list()->find(made) != nullptr, kPatience);
        const auto isMeasured = [&] {
            return workshop.data(QStringLiteral("Q4_K_M"),
                                 MixListModel::IsDivergenceMeasuredRole) == QStringLiteral("true");
        };
        // Of a chat, and of a file that was another one then: neither counts.
        workshop.keepLoss(made, 0.75, LossSource::Chat, 0);
        workshop.keepLoss(made, 0.5, LossSource::BuiltIn, 1);
        workshop.openAndPlan();
        QVERIFY(!isMeasured());
        workshop.keepLoss(made, 0.25, LossSource::BuiltIn, 0);
        MeasuredSpeed speed;
        const auto nBytes = static_cast<std::uint64_t>(QFileInfo(made).size());
        speed.key = speedKeyOf(made.toStdString(), nBytes, "Some Processor avx2");
        speed.tokensPerSecond = 123;
        workshop.models->setSpeeds({speed});
        workshop.openAndPlan();
        QTRY_VERIFY_WITH_TIMEOUT(isMeasured(), kPatience);
        QCOMPARE(workshop.data(QStringLiteral("Q4_K_M"), MixListModel::DivergenceRole).toDouble(),
                 0.25);
        QCOMPARE(
            workshop.data(QStringLiteral("Q4_K_M"), MixListModel::MeasuredSpeedRole).toDouble(),
            123.0);
    }

    void context_isPlannedFor() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        const auto kvBytes = [&] {
            MixListModel& mixes = *controller.mixes();
            return mixes
                .data(mixes.index(mixes.rowOf(QStringLiteral("Q8_0"))), MixListModel::KvBytesRole)
                .toDouble();
        };
        const double before = kvBytes();
        QVERIFY(before > 0);
        controller.setContextTokens(128);
        QTRY_COMPARE_WITH_TIMEOUT(controller.state(), State::Ready, kPatience);
        QVERIFY2(kvBytes() < before, qPrintable(QString::number(kvBytes())));
    }

    // Arrows pass over what cannot be made.
    void rows_thatCannotBeMadeAreNotChosen() {
        Workshop workshop;
        workshop.openAndPlan();
        QuantizeController& controller = *workshop.controller;
        MixListModel& mixes = *controller.mixes();
        QString last;
        for (int row = controller.chosenRow(); row >= 0; row = controller.nextRow(1)) {
            QVERIFY(!mixes.typeAt(row).isEmpty());
            controller.setType(mixes.typeAt(row));
            last = controller.type();
        }
        QVERIFY(!last.isEmpty());
        for (int row = controller.chosenRow(); row >= 0; row = controller.nextRow(-1))
            controller.setType(mixes.typeAt(row));
        QCOMPARE(controller.chosenRow(), 0);
        controller.setType(QStringLiteral("IQ1_S"));
        QVERIFY(controller.type() != QStringLiteral("IQ1_S"));
    }
};

QTEST_MAIN(QuantizeControllerTest)
#include "quantize_controller_test.moc"
