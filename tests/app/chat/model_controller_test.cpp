// The model list and the device line of a machine with a card, with two, with one that cannot be
// used and without: devices, dry runs and loads are doubles.
#include "app/models/model_controller.h"

#include <QSignalSpy>
#include <QtTest>
#include <algorithm>

#include "app/settings/settings_controller.h"
#include "app/system/translation.h"
#include "tests/app/chat/model_program.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;

namespace {

using Program = ModelProgram;

// A load that puts so many of 40 layers on the card.
FakeScript loadedWith(std::int64_t nCardLayers, DeviceReason reason, double measured = 900) {
    FakeScript script;
    script.readBandwidthGbS = measured;
    script.describe = [=](ModelInfo& info) {
        info.nLayers = 40;
        info.nGpuLayers = nCardLayers;
        info.memory = {40 * kGib, 0, 0};
        info.cardMemory = {static_cast<std::uint64_t>(nCardLayers) * kGib, 0, 0};
        info.deviceReason = reason;
        info.deviceNote = "Card 0: it is busy.";
    };
    return script;
}

}  // namespace

class ModelControllerTest : public QObject {
    Q_OBJECT

private slots:
    void device_isTheChosenOne_data();
    void device_isTheChosenOne();
    void list_ofACard_countsItsMemory();
    void list_followsTheSetting();
    void list_countsWhatTheLoadedModelGivesBack();
    void card_chosenBesideAnother_waitsForTheNextStart();
    void bandwidth_ofTheCard_isItsDataSheetsUntilMeasured();
    void bandwidth_ofTheProcessor_isMeasuredWhereItIsNeeded();
    void bandwidth_measuredAgain_isTheNewOne();
    void bandwidth_ofASplitModel_isNoDevices();
    void load_namesTheDeviceAndTheContextThatFits();
    void load_wantsWhatTheModelsOwnSettingsSay();
    void load_anotherBeforeTheFirstIsAnswered_isTheOneThatCounts();
    void load_thatFailsBehindANewerOne_isForgotten();
    void load_cancelledAndTriedAgain();
    void unload_thenLoad_andAFailureOfIt();
    void notice_saysThatTheContextIsTheTrainedOne();
    void notice_saysThatTheContextHadToBeShortened();
    void measurement_besideALoad_isThrownAway();
    void notice_saysWhyItIsNotWholeOnTheCard_data();
    void notice_saysWhyItIsNotWholeOnTheCard();
};

void ModelControllerTest::device_isTheChosenOne_data() {
    QTest::addColumn<QList<int>>("cards");  // 0 and 1: usable, -1: unusable
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("problem");
    const QString unusableText =
        "Models run on the processor, the graphics card cannot be used. Card 0: The card is too "
        "old.";
    const QString goneText = "The graphics card that was chosen is not there any more; ";
    const QList<int> none, one{0}, two{0, 1}, old{-1};
    QTest::newRow("no card") << none << "auto"
                             << "Some Processor"
                             << "";
    QTest::newRow("card") << one << "auto"
                          << "Card 0"
                          << "";
    QTest::newRow("card, not wanted") << one << "cpu"
                                      << "Some Processor"
                                      << "";
    QTest::newRow("the second") << two << "cuda:1"
                                << "Card 1"
                                << "";
    QTest::newRow("unusable") << old << "auto"
                              << "Some Processor" << unusableText;
    QTest::newRow("unusable, chosen") << old << "cuda:0"
                                      << "Some Processor" << unusableText;
    QTest::newRow("unusable, not wanted") << old << "cpu"
                                          << "Some Processor"
                                          << "";
    QTest::newRow("gone, another") << one << "cuda:1"
                                   << "Card 0" << goneText + "another one is used.";
    QTest::newRow("gone") << none << "cuda:0"
                          << "Some Processor" << goneText + "models run on the processor.";
}

void ModelControllerTest::device_isTheChosenOne() {
    QFETCH(QList<int>, cards);
    QFETCH(QString, setting);
    QFETCH(QString, name);
    QFETCH(QString, problem);
    std::vector<DeviceInfo> devices{processor()};
    for (const int index : cards) devices.push_back(index < 0 ? unusable(0) : card(index));
    Program program(devices, setting.toLatin1().constData());
    ModelController& models = *program.models;
    QCOMPARE(models.deviceName(), name);
    QCOMPARE(models.deviceProblem(), problem);
    const bool isCard = name.startsWith("Card");
    QCOMPARE(models.isOnCard(), isCard);
    QCOMPARE(models.memoryTotal(), qint64((isCard ? 24 : 64) * kGib));
    QVERIFY(models.deviceDetail().endsWith(isCard ? "sm_89" : "avx2"));
    QCOMPARE(models.deviceChoices().size(),
             2 + std::count_if(cards.begin(), cards.end(), [](int index) { return index >= 0; }));
}

void ModelControllerTest::list_ofACard_countsItsMemory() {
    Program program({processor(), card(0)});
    QTRY_COMPARE(program.models->list()->rowCount(), 1);
    // 20 GiB are free, of which this program's context will take a part.
    QCOMPARE(program.lastSpace().cardBytes.value_or(0), 20 * kGib - kCardContextBytes);
    QCOMPARE(program.lastSpace().processorBytes, 40 * kGib);
    QCOMPARE(program.data(ModelListModel::PlacementRole).toInt(), int(ModelListModel::Split));
    QCOMPARE(program.data(ModelListModel::CardLayersRole).toInt(), 19);
    QCOMPARE(program.data(ModelListModel::LayerCountRole).toInt(), 40);
    QCOMPARE(program.data(ModelListModel::CardBytesRole).toLongLong(), qint64(19 * kGib));
    QCOMPARE(program.data(ModelListModel::MemoryBytesRole).toLongLong(), qint64(40 * kGib));
}

void ModelControllerTest::list_followsTheSetting() {
    Program program({processor(), card(0)});
    QTRY_COMPARE(program.data(ModelListModel::PlacementRole).toInt(), int(ModelListModel::Split));
    QSignalSpy changed(program.models.get(), &ModelController::deviceChanged);
    program.settings.setDevice("cpu");
    QVERIFY(!changed.isEmpty());
    QVERIFY(!program.models->isOnCard());
    QTRY_COMPARE(program.data(ModelListModel::PlacementRole).toInt(),
                 int(ModelListModel::OnProcessor));
    QVERIFY(!program.lastSpace().cardBytes);
    QCOMPARE(program.data(ModelListModel::CardBytesRole).toLongLong(), 0);
    program.settings.setDevice("auto");
    QTRY_COMPARE(program.data(ModelListModel::PlacementRole).toInt(), int(ModelListModel::Split));
}

void ModelControllerTest::list_countsWhatTheLoadedModelGivesBack() {
    Program program({processor(), card(0)}, "auto", loadedWith(10, DeviceReason::CardFull));
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    QCOMPARE(program.models->cardBytes(), qint64(10 * kGib));
    QTRY_COMPARE(program.lastSpace().cardBytes.value_or(0), 30 * kGib);
    QCOMPARE(program.lastSpace().processorBytes, 70 * kGib);
}

void ModelControllerTest::card_chosenBesideAnother_waitsForTheNextStart() {
    Program program({processor(), card(0), card(1)});
    QVERIFY(!program.models->isRestartNeeded());
    program.settings.setDevice("cuda:1");
    QVERIFY(program.models->isRestartNeeded());
    QCOMPARE(program.models->deviceName(), QStringLiteral("Card 0"));
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    QCOMPARE(program.engine.loads().back().device, std::string("cuda:0"));
    program.settings.setDevice("cpu");
    QVERIFY(!program.models->isRestartNeeded());
}

void ModelControllerTest::bandwidth_ofTheCard_isItsDataSheetsUntilMeasured() {
    Program program({processor(), card(0)}, "auto", loadedWith(40, DeviceReason::None));
    QCOMPARE(program.models->readBandwidth(), 1000.0);
    QVERIFY(!program.models->isBandwidthMeasured());
    program.models->load("/other.gguf");
    QTRY_VERIFY(program.models->isBandwidthMeasured());
    QCOMPARE(program.models->readBandwidth(), 900.0);
}

void ModelControllerTest::bandwidth_ofTheProcessor_isMeasuredWhereItIsNeeded() {
    Program program({processor(), card(0)}, "auto", loadedWith(40, DeviceReason::None));
    QTRY_COMPARE(program.models->list()->rowCount(), 1);
    QCOMPARE(program.data(ModelListModel::PredictedSpeedRole).toDouble(), 0.0);
    // Loaded, it has 40 GiB to give back: all of it would lie on the card again.
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.data(ModelListModel::CardLayersRole).toInt(), 40);
    QCOMPARE(program.nMeasured.load(), 0);

    Program split({processor(), card(0)}, "auto", loadedWith(10, DeviceReason::CardFull));
    split.models->load("/other.gguf");
    QTRY_VERIFY(split.data(ModelListModel::PredictedSpeedRole).toDouble() > 0);
    QCOMPARE(split.nMeasured.load(), 1);
    // 30 layers at the card's data sheet, 10 at what was measured of the processor.
    const double seconds = 30 * double(kGib) / 1000e9 + 10 * double(kGib) / 50e9;
    const double speed = split.data(ModelListModel::PredictedSpeedRole).toDouble();
    QVERIFY2(qAbs(speed * seconds - 1) < 1e-9, qPrintable(QString::number(speed)));
}

void ModelControllerTest::bandwidth_measuredAgain_isTheNewOne() {
    Program program({processor()}, "auto", loadedWith(0, DeviceReason::None, 33));
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.models->readBandwidth(), 33.0);
    QVERIFY(program.models->canMeasure());
    program.isMeasuringHeld = true;
    program.models->measureAgain();
    QVERIFY(program.models->isMeasuring() && !program.models->canMeasure());
    program.models->measureAgain();  // one at a time
    program.isMeasuringHeld = false;
    QTRY_COMPARE(program.models->readBandwidth(), 50.0);
    QCOMPARE(program.nMeasured.load(), 1);
    QVERIFY(!program.models->isMeasuring());
    // The engine measures a card, once.
    Program onCard({processor(), card(0)}, "auto", loadedWith(40, DeviceReason::None));
    QVERIFY(!onCard.models->canMeasure());
    onCard.models->measureAgain();
    QVERIFY(!onCard.models->isMeasuring());
}

void ModelControllerTest::bandwidth_ofASplitModel_isNoDevices() {
    Program program({processor(), card(0)}, "auto", loadedWith(10, DeviceReason::CardFull, 77));
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    QVERIFY(!program.models->isBandwidthMeasured());
    QCOMPARE(program.models->readBandwidth(), 1000.0);
}

void ModelControllerTest::load_namesTheDeviceAndTheContextThatFits() {
    Program program({processor(), card(0)});
    QTRY_COMPARE(program.models->list()->rowCount(), 1);
    program.models->loadDemo();
    QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    QCOMPARE(program.engine.loads().back().device, std::string("auto"));
    QCOMPARE(program.engine.loads().back().contextTokens,
             0);  // the engine chooses by the same plan
    program.settings.setDevice("cpu");
    program.settings.setDevice("cuda:0");
    program.settings.setContextTokens(8192);
    QTRY_COMPARE(program.data(ModelListModel::PlacementRole).toInt(), int(ModelListModel::Split));
    program.models->loadDemo();
    QTRY_COMPARE(program.engine.loads().size(), std::size_t{2});
    QCOMPARE(program.engine.loads().back().device, std::string("cuda:0"));
    QCOMPARE(program.engine.loads().back().contextTokens, 4096);
}

void ModelControllerTest::load_wantsWhatTheModelsOwnSettingsSay() {
    storage::ModelRecord row;
    row.path = "/own.gguf";
    row.settingsJson = R"({"contextTokens":8192,"kvType":"f32"})";
    ModelProgram program({}, "cpu", {}, {row});
    program.settings.setContextTokens(2048);
    for (const char* path : {"/own.gguf", "/other.gguf"}) {
        program.models->load(QString::fromLatin1(path));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QTRY_COMPARE(program.models->path(), QString::fromLatin1(path));
    }
    const std::vector<LoadOptions> loads = program.engine.loads();
    QCOMPARE(loads.size(), std::size_t{2});
    QCOMPARE(loads[0].path, std::string("/own.gguf"));
    QCOMPARE(int(loads[0].contextTokens), 8192);
    QVERIFY(loads[0].kv.key == KvType::F32);
    QCOMPARE(loads[1].path, std::string("/other.gguf"));
    QCOMPARE(int(loads[1].contextTokens), 2048);
    QVERIFY(loads[1].kv == KvTypes());
}

void ModelControllerTest::load_anotherBeforeTheFirstIsAnswered_isTheOneThatCounts() {
    FakeScript script;
    script.isLoadDriven = true;
    Program program({processor()}, "auto", script);
    ModelController& models = *program.models;
    models.load("/a.gguf");
    QTRY_VERIFY(models.loadProgress() > 0);
    models.load("/b.gguf");
    QCOMPARE(models.path(), QStringLiteral("/b.gguf"));
    QSignalSpy changed(&models, &ModelController::stateChanged);
    program.engine.endLoad();
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    QCOMPARE(models.path(), QStringLiteral("/b.gguf"));
    QCOMPARE(changed.size(), 1);  // nothing of the first one is told
    models.unload();
    QTRY_COMPARE(models.state(), ModelController::NoModel);
}

void ModelControllerTest::load_thatFailsBehindANewerOne_isForgotten() {
    FakeScript script;
    script.isLoadDriven = true;
    script.endOfLoad = [](const LoadOptions& options) -> std::optional<Error> {
        if (options.path == "/b.gguf") return std::nullopt;
        return Error{ErrorCode::FileDamaged, "The file is damaged.", {}, 0, 0};
    };
    Program program({processor()}, "auto", script);
    ModelController& models = *program.models;
    models.load("/a.gguf");
    models.load("/b.gguf");
    program.engine.endLoad();
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    QCOMPARE(models.errorText(), QString());
    models.unload();
    QTRY_COMPARE(models.state(), ModelController::NoModel);
    models.load("/a.gguf");
    program.engine.endLoad();
    QTRY_COMPARE(models.state(), ModelController::Failed);
    QCOMPARE(models.errorText(), QStringLiteral("The file is damaged."));
    models.retry();
    QCOMPARE(models.state(), ModelController::Loading);
    program.engine.endLoad();
    QTRY_COMPARE(models.state(), ModelController::Failed);
}

void ModelControllerTest::load_cancelledAndTriedAgain() {
    FakeScript script;
    script.isLoadDriven = true;
    Program program({processor()}, "auto", script);
    ModelController& models = *program.models;
    models.load("/a.gguf");
    models.cancelLoad();
    models.load("/a.gguf");  // before the end of the first is told
    QCOMPARE(models.state(), ModelController::Loading);
    models.cancelLoad();
    QTRY_COMPARE(models.state(), ModelController::NoModel);
    models.load("/a.gguf");
    program.engine.endLoad();
    QTRY_COMPARE(models.state(), ModelController::Loaded);
}

void ModelControllerTest::unload_thenLoad_andAFailureOfIt() {
    FakeScript script;
    script.endOfLoad = [](const LoadOptions& options) -> std::optional<Error> {
        if (options.path == "/a.gguf") return std::nullopt;
        return Error{ErrorCode::FileNotFound, "It is not there.", {}, 0, 0};
    };
    Program program({processor()}, "auto", script);
    ModelController& models = *program.models;
    models.load("/a.gguf");
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    models.unload();
    models.load("/b.gguf");  // the word of the unload comes while it loads
    QTRY_COMPARE(models.state(), ModelController::Failed);
    QCOMPARE(models.errorText(), QStringLiteral("It is not there."));
    models.load("/a.gguf");
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    QCOMPARE(models.errorText(), QString());
}

void ModelControllerTest::notice_saysThatTheContextIsTheTrainedOne() {
    FakeScript script;
    script.contextTokens = 131072;
    script.describe = [](ModelInfo& info) { info.trainedContext = 131072; };
    Program program({processor()}, "cpu", script);
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    QCOMPARE(program.models->notice(), QString());  // what fits was asked for
    program.settings.setContextTokens(262144);
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    QCOMPARE(program.models->notice(),
             QStringLiteral("This model was trained for 131,072 tokens, so its context is not "
                            "longer; 262,144 are set."));
}

void ModelControllerTest::notice_saysThatTheContextHadToBeShortened() {
    FakeScript script;
    script.contextTokens = 9216;
    script.describe = [](ModelInfo& info) { info.shortenedFrom = 12288; };
    Program program({processor()}, "cpu", script);
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    QCOMPARE(program.models->notice(),
             QStringLiteral("Memory ran out while this model was loaded, so its context is 9,216 "
                            "tokens instead of 12,288. Close other programs and load it again for "
                            "the longer one."));
}

void ModelControllerTest::measurement_besideALoad_isThrownAway() {
    Program program({processor(), card(0)}, "auto", loadedWith(10, DeviceReason::CardFull));
    program.isMeasuringHeld = true;
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.nMeasured.load(), 1);
    program.models->load("/other.gguf");  // cancels it; the next one is held again
    QTRY_COMPARE(program.nMeasured.load(), 2);
    QCOMPARE(program.data(ModelListModel::PredictedSpeedRole).toDouble(), 0.0);
    program.isMeasuringHeld = false;
    QTRY_VERIFY(program.data(ModelListModel::PredictedSpeedRole).toDouble() > 0);
}

void ModelControllerTest::notice_saysWhyItIsNotWholeOnTheCard_data() {
    QTest::addColumn<int>("reason");
    QTest::addColumn<QString>("english");
    QTest::addColumn<QString>("chinese");
    QTest::newRow("whole") << int(DeviceReason::None) << ""
                           << "";
    QTest::newRow("split") << int(DeviceReason::CardFull)
                           << "10 of 40 layers are on the graphics card, the others on the "
                              "processor: there is no more graphics memory free."
                           << "40 层中有 10 层在显卡上，其余在处理器上：没有更多空闲显存。";
    QTest::newRow("too small")
        << int(DeviceReason::CardTooSmall)
        << "This model runs on the processor: too little graphics memory is free."
        << "此模型在处理器上运行：空闲显存不足。";
    QTest::newRow("unusable") << int(DeviceReason::CardUnusable)
                              << "This model runs on the processor, the graphics card cannot be "
                                 "used. Card 0: it is busy."
                              << "此模型在处理器上运行，显卡无法使用。Card 0: it is busy.";
}

void ModelControllerTest::notice_saysWhyItIsNotWholeOnTheCard() {
    QFETCH(int, reason);
    QFETCH(QString, english);
    QFETCH(QString, chinese);
    Program program({processor(), card(0)}, "auto", loadedWith(10, DeviceReason(reason)));
    program.models->load("/other.gguf");
    QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    QCOMPARE(program.models->notice(), english);
    Translation translation;
    translation.setSetting("zh_CN");
    QCOMPARE(program.models->notice(), chinese);
    translation.setSetting("en");
}

QTEST_MAIN(ModelControllerTest)
#include "model_controller_test.moc"
