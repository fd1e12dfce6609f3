// The real window on a machine with a graphics card (devices, dry runs and engine are doubles):
// what the first page, the picker and the settings say of it, in both languages, without a warning.
//
// SOTTO_PICTURES names a folder for pictures of what was tested.
#include <QDir>
#include <QGuiApplication>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/window/test_window.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr std::uint64_t kGib = std::uint64_t{1} << 30;

enum class Card { Fine, Unusable };

std::vector<DeviceInfo> devices(Card kind) {
    DeviceInfo processor, card;
    processor.id = "cpu";
    processor.name = "Some Processor";
    processor.instructionSet = "avx512-vnni";
    processor.nCores = 8;
    processor.memoryTotal = 64 * kGib;
    processor.memoryAvailable = 50 * kGib;
    card.id = "cuda:0";
    card.name = "NVIDIA GeForce RTX 4090";
    card.instructionSet = "sm_89";
    card.nCores = 128;
    card.memoryTotal = 24 * kGib;
    card.memoryAvailable = 22 * kGib;
    card.specGbS = 1008;
    if (kind == Card::Unusable) card.unusableReason = "The driver is too old, 580 is needed.";
    return {processor, card};
}

// Models by the name of their file: "whole", "parts", "outside".
Result<PlannedModel> plan(const LoadOptions& options, const PlanSpace& space) {
    const std::string name = options.path.stem().string();
    PlannedModel planned;
    ModelInfo& info = planned.info;
    info.name = name;
    info.quantization = "Q4_K_M";
    info.fileBytes = 9'000'000'000;
    info.nLayers = 40;
    info.contextTokens = 8192;
    const std::uint64_t gib = name == "whole" ? 9 : name == "parts" ? 30 : 45;
    info.memory.weights = gib * kGib;
    info.bytesPerToken = gib * kGib;
    const std::uint64_t onCard = name == "whole" ? 9 : name == "parts" ? 21 : 0;
    if (!space.cardBytes) return planned;
    info.nGpuLayers = static_cast<std::int64_t>(40 * onCard / gib);
    info.cardMemory.weights = info.cardBytesPerToken = onCard * kGib;
    info.deviceReason = onCard == gib ? DeviceReason::None
                        : onCard > 0  ? DeviceReason::CardFull
                                      : DeviceReason::CardTooSmall;
    return planned;
}

TestMachine machine(Card kind, bool isFirstRun) {
    TestMachine made;
    made.probe.listDevices = [kind] { return devices(kind); };
    made.probe.measureProcessor = [](int, const std::atomic<bool>*) {
        return BandwidthMeasurement{60, 0, 0};
    };
    made.probe.planModel = plan;
    made.isFirstRun = isFirstRun;
    return made;
}

// Loads whatever it is told as it was planned for this machine.
decltype(AppCoreOptions::makeEngine) engineOn(Card kind) {
    FakeScript script;
    script.readBandwidthGbS = 0;  // not measured: predictions come from the data sheet
    script.describe = [kind](ModelInfo& info) {
        LoadOptions options;
        options.path = info.path;
        PlanSpace space;
        if (kind == Card::Fine) space.cardBytes = 22 * kGib;
        const ModelInfo planned = plan(options, space)->info;
        info.nLayers = planned.nLayers;
        info.nGpuLayers = planned.nGpuLayers;
        info.memory = planned.memory;
        info.cardMemory = planned.cardMemory;
        info.deviceReason = planned.deviceReason;
    };
    return [script](const EngineOptions&, EventSink sink) -> Result<std::unique_ptr<Engine>> {
        return std::make_unique<FakeEngine>(std::move(sink), script);
    };
}

bool isShown(const QQuickItem* item, const QString& text) {
    if (!item->isVisible()) return false;
    if (item->property("text").toString().contains(text)) return true;
    const auto children = item->childItems();
    return std::any_of(children.begin(), children.end(),
                       [&text](const QQuickItem* child) { return isShown(child, text); });
}

void keepPicture(QQuickWindow& window, const QString& name) {
    if (!qEnvironmentVariableIsSet("SOTTO_PICTURES")) return;
    QTest::qWait(600);  // transitions
    QVERIFY(window.grabWindow().save(QDir(qEnvironmentVariable("SOTTO_PICTURES")).filePath(name)));
}

}  // namespace

class CardWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }
    void window_saysWhatTheCardTakes_data();
    void window_saysWhatTheCardTakes();
    void window_saysWhyTheCardIsNotUsed();
    void settings_changedDevice_isToldAtOnce();
};

void CardWindowTest::window_saysWhatTheCardTakes_data() {
    QTest::addColumn<QString>("language");
    QTest::addColumn<bool>("isFirstRun");
    QTest::addColumn<QStringList>("expected");
    const QString space(QChar(0x00A0));
    QTest::newRow("first page, English")
        << "en" << true
        << QStringList{"NVIDIA GeForce RTX 4090",
                       "128 multiprocessors, sm_89",
                       "Graphics memory",
                       "by the data sheet, not measured yet",
                       "9.0" + space + "GiB VRAM",
                       "21.0" + space + "GiB VRAM + 9.0" + space + "GiB RAM",
                       "28 of 40 layers on the graphics card, the others on the processor.",
                       "On the processor: too large for the free graphics memory."};
    QTest::newRow("first page, Chinese")
        << "zh_CN" << true
        << QStringList{QStringLiteral("128 个流式多处理器，sm_89"),
                       QStringLiteral("显存"),
                       QStringLiteral("规格书数值，尚未实测"),
                       QStringLiteral("9.0") + space + QStringLiteral("GiB 显存"),
                       QStringLiteral("40 层中有 28 层在显卡上，其余在处理器上。"),
                       QStringLiteral("在处理器上运行：空闲显存放不下。")};
    QTest::newRow("picker, English")
        << "en" << false
        << QStringList{"Fits with 8,192 tokens of context, 9.0" + space + "GiB VRAM",
                       "21.0" + space + "GiB VRAM + 9.0" + space +
                           "GiB RAM. 28 of 40 layers on the graphics card",
                       "45.0" + space + "GiB RAM. On the processor: too large"};
    QTest::newRow("picker, Chinese")
        << "zh_CN" << false
        << QStringList{QStringLiteral("可加载，上下文 8,192 个 token，9.0") + space +
                           QStringLiteral("GiB 显存"),
                       QStringLiteral("40 层中有 28 层在显卡上，其余在处理器上。")};
}

void CardWindowTest::window_saysWhatTheCardTakes() {
    QFETCH(QString, language);
    QFETCH(bool, isFirstRun);
    QFETCH(QStringList, expected);
    QTemporaryDir home, models;
    for (const char* name : {"whole", "parts", "outside"}) {
        QFile file(models.filePath(QString::fromLatin1(name) + ".gguf"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("GGUF");
    }
    TestProgram program(home.path(), engineOn(Card::Fine), machine(Card::Fine, isFirstRun));
    AppFacade& app = program.facade();
    program.window().resize(1440, 1000);
    app.settings()->setLanguage(language);
    app.settings()->setTheme(language == "en" ? SettingsController::Dark
                                              : SettingsController::Light);
    QVERIFY(program.waitForModel());
    app.settings()->addModelFolder(models.path());
    QTRY_COMPARE(app.models()->list()->rowCount(), 4);
    if (!isFirstRun) program.press(Qt::Key_L, Qt::ControlModifier);
    for (const QString& text : expected)
        QTRY_VERIFY2(isShown(program.window().contentItem(), text), qPrintable(text));
    keepPicture(program.window(), QString::fromLatin1(QTest::currentDataTag()) + ".png");
}

void CardWindowTest::window_saysWhyTheCardIsNotUsed() {
    QTemporaryDir home;
    TestProgram program(home.path(), engineOn(Card::Unusable), machine(Card::Unusable, true));
    program.window().resize(1440, 900);
    QVERIFY(program.waitForModel());
    const QString reason = QStringLiteral(
        "Models run on the processor, the graphics card cannot be used. NVIDIA GeForce RTX 4090: "
        "The driver is too old, 580 is needed.");
    QTRY_VERIFY(isShown(program.window().contentItem(), reason));
    QTRY_VERIFY(isShown(program.window().contentItem(), QStringLiteral("Some Processor")));
    // Nothing was measured, so nothing is predicted nor explained.
    QVERIFY(!isShown(program.window().contentItem(), QStringLiteral("is a prediction")));
    keepPicture(program.window(), QStringLiteral("unusable.png"));
    program.facade().settings()->finishFirstRun();
    program.press(Qt::Key_L, Qt::ControlModifier);
    QTRY_VERIFY(isShown(program.window().contentItem(), reason));
}

void CardWindowTest::settings_changedDevice_isToldAtOnce() {
    const QString space(QChar(0x00A0));
    QTemporaryDir home;
    TestProgram program(home.path(), engineOn(Card::Fine), machine(Card::Fine, false));
    program.window().resize(1440, 900);
    QVERIFY(program.waitForModel());
    program.press(Qt::Key_Comma, Qt::ControlModifier);
    const QString card = "NVIDIA GeForce RTX 4090, reads 1,008" + space +
                         "GB/s by its data sheet. A choice is used at the next load of a model.";
    QTRY_VERIFY(isShown(program.window().contentItem(), card));
    keepPicture(program.window(), QStringLiteral("settings.png"));
    program.facade().settings()->setDevice(QStringLiteral("cpu"));
    QTRY_VERIFY(isShown(program.window().contentItem(), QStringLiteral("Some Processor")));
    QVERIFY(!isShown(program.window().contentItem(), card));
}

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    CardWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "card_window_test.moc"
