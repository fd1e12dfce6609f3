// The first page's offers: nothing is asked before a person wants them, then three that fit, each
// a download away; and what keeps them away is told.
#include <fstream>

#include "app/models/first_models_controller.h"
#include "tests/app/hub/hub_fixture.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

DeviceInfo someProcessor() {
    DeviceInfo device;
    device.id = "cpu";
    device.name = "Some Processor";
    device.memoryTotal = device.memoryAvailable = std::uint64_t{8} << 30;
    return device;
}

struct FirstFixture : HubFixture {
    std::unique_ptr<FirstModelsController> first;

    FirstFixture() {
        const std::string model = contentOf(SOTTO_GOLDEN_DIR "/llama/q8_0.gguf");
        repository.add("tiny-Q8_0.gguf", model);
        const QString list = folder.filePath(QStringLiteral("models.json"));
        std::ofstream(list.toStdString())
            << nlohmann::json{{"format", 1},
                              {"models",
                               {{{"repository", repository.repository},
                                 {"file", "tiny-Q8_0.gguf"},
                                 {"architecture", "llama"}}}}};
        setting.devices.processor = someProcessor();
        first = std::make_unique<FirstModelsController>(
            FirstModelsController::Parts{.hub = hub.get(),
                                         .questions = controller->questions(),
                                         .downloads = downloads(),
                                         .forecast = [this] { return setting; },
                                         .list = list});
    }
};

}  // namespace

class FirstModelsWindowTest : public QObject {
    Q_OBJECT

private slots:
    void nothing_isAskedByItself() {
        FirstFixture fixture;
        QTest::qWait(100);
        QCOMPARE(fixture.first->state(), FirstModelsController::Idle);
        QVERIFY(fixture.repository.hub().requests().empty());
        QCOMPARE(fixture.hub->network().sentBytes(), 0u);
    }

    void whatFits_isOfferedAndComes() {
        FirstFixture fixture;
        fixture.first->ask();
        QCOMPARE(fixture.first->state(), FirstModelsController::Asking);
        QTRY_COMPARE(fixture.first->state(), FirstModelsController::Offered);
        QCOMPARE(fixture.first->offers().size(), 1);
        const QVariantMap offer = fixture.first->offers().constFirst().toMap();
        QCOMPARE(offer["name"].toString(), QStringLiteral("tiny"));
        QCOMPARE(offer["quantization"].toString(), QStringLiteral("Q8_0"));
        QCOMPARE(offer["license"].toString(), QStringLiteral("Apache 2.0"));
        QVERIFY(offer["bytes"].toDouble() > 0);
        QVERIFY(offer["memoryBytes"].toDouble() > 0);
        QCOMPARE(offer["speed"].toDouble(), 0.0);  // nothing was measured here
        QVERIFY(offer["isSuggested"].toBool());
        // Once it is measured, by as much as was measured.
        fixture.setting.rates.processor.readGbS = 40;
        fixture.setting.rates.processor.types = {{DType::Q8_0, 30, 1}, {DType::F32, 30, 1}};
        const double speed = fixture.first->offers().constFirst().toMap()["speed"].toDouble();
        QVERIFY2(speed > 0, qPrintable(QString::number(speed)));
        fixture.first->download(0);
        QVERIFY(fixture.first->offers().constFirst().toMap()["isOnItsWay"].toBool());
        const QString file = fixture.folder.filePath("acme/tiny-GGUF/tiny-Q8_0.gguf");
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(file), 20'000);
        // No row, no download.
        fixture.first->download(7);
        fixture.first->download(-1);
    }

    void offline_isTold() {
        FirstFixture fixture;
        fixture.hub->setOffline(true);
        fixture.first->ask();
        QTRY_COMPARE(fixture.first->state(), FirstModelsController::Failed);
        QVERIFY(!fixture.first->problem().isEmpty());
        fixture.hub->setOffline(false);
        fixture.first->ask();
        QTRY_COMPARE(fixture.first->state(), FirstModelsController::Offered);
        QVERIFY(fixture.first->problem().isEmpty());
    }

    void asking_isStopped() {
        FirstFixture fixture;
        fixture.repository.bendHub(
            [](const ServedRequest&) { return Reply{.body = "[", .holdsAfter = 1}; });
        fixture.first->ask();
        QVERIFY(fixture.repository.hub().waitForRequests(1));
        fixture.first->stop();
        QCOMPARE(fixture.first->state(), FirstModelsController::Idle);
        QTest::qWait(50);
        QCOMPARE(fixture.first->state(), FirstModelsController::Idle);
        fixture.repository.hub().release();
    }
};

QTEST_MAIN(FirstModelsWindowTest)
#include "first_models_window_test.moc"
