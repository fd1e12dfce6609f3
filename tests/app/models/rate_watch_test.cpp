// What this computer reads of each format is measured once, while nothing is written or loaded, and
// forecasts follow from it; the measuring itself is a double.
#include "app/models/rate_watch.h"

#include <QtTest>

#include "tests/app/chat/model_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

FakeScript script(std::int64_t nCardLayers = 0) {
    FakeScript script;
    script.readBandwidthGbS = 50;
    script.isDriven = true;
    script.describe = [nCardLayers](ModelInfo& info) {
        info.nLayers = 40;
        info.nGpuLayers = nCardLayers;
    };
    return script;
}

struct RateProgram : ModelProgram {
    explicit RateProgram(const QString& cache, std::vector<DeviceInfo> devices = {processor()},
                         std::int64_t nCardLayers = 0)
        : ModelProgram(std::move(devices), "auto", script(nCardLayers), {}, cache) {}

    void load() {
        models->load("/other.gguf");
        QTRY_COMPARE(models->state(), ModelController::Loaded);
    }
    double speed() { return data(ModelListModel::PredictedSpeedRole).toDouble(); }
    RequestId ask() {
        GenerationRequest request;
        ChatPrompt chat;
        chat.messages.push_back({Role::User, "Hello"});
        request.prompt = chat;
        return engineBridge.submit(request).value_or(0);
    }
};

}  // namespace

class RateWatchTest : public QObject {
    Q_OBJECT

private slots:
    // The usual formats first, then those that are here; kept, and the command line's own.
    void rates_areMeasuredOnceAndKept() {
        const QTemporaryDir cache;
        const double byBandwidth = 50e9 / (40.0 * double(kGib));
        {
            RateProgram program(cache.path());
            program.areRatesHeld = true;
            program.load();
            QTRY_COMPARE(program.measuredRates(), QStringList{"cpu Q4_K"});
            QTRY_COMPARE(program.speed(), byBandwidth);
            program.areRatesHeld = false;
            QTRY_COMPARE(program.speed(), 0.9 * byBandwidth);
            const QStringList all{"cpu Q4_K", "cpu Q6_K", "cpu Q5_K"};
            QTRY_COMPARE(program.measuredRates(), all);  // what failed is not tried again
            QTRY_VERIFY(program.jobs.jobs().empty());
        }
        const RateStore store(RateStore::pathIn(cache.path().toStdString()));
        QCOMPARE(store.load(rateKeyOf(processor(), 0)).types.size(), std::size_t{2});
        RateProgram again(cache.path());
        QTRY_COMPARE(again.speed(), 0.9 * byBandwidth);  // before anything is loaded
        again.load();
        QTRY_COMPARE(again.measuredRates(), QStringList{"cpu Q6_K"});
    }

    // They follow the bandwidth of now, which another program may take a part of.
    void rates_followTheBandwidth() {
        const QTemporaryDir cache;
        const RateStore store(RateStore::pathIn(cache.path().toStdString()));
        MachineRates rates;
        rates.readGbS = 100;
        rates.types = {{DType::Q4_K, 80, 1}, {DType::Q5_K, 80, 1}, {DType::Q6_K, 80, 1}};
        QVERIFY(store.save(rateKeyOf(processor(), 0), rates));
        RateProgram program(cache.path());
        QTRY_COMPARE(program.speed(), 80e9 / (40.0 * double(kGib)));
        program.load();  // 50 GB/s, as the engine measures
        QTRY_COMPARE(program.speed(), 40e9 / (40.0 * double(kGib)));
        QVERIFY(program.measuredRates().empty());
    }

    void aQuestionAndALoad_interrupt() {
        const QTemporaryDir cache;
        RateProgram program(cache.path());
        program.areRatesHeld = true;
        program.load();
        QTRY_COMPARE(program.measuredRates().size(), 1);
        const RequestId request = program.ask();
        QTRY_VERIFY(program.jobs.jobs().empty());
        program.lookAgain();
        QCOMPARE(program.measuredRates().size(), 1);
        program.engine.finish(StopReason::EndOfText, {}, request);
        QTRY_COMPARE(program.measuredRates().size(), 2);
        program.load();
        QTRY_COMPARE(program.measuredRates().size(), 3);
        QCOMPARE(program.measuredRates().back(), QStringLiteral("cpu Q4_K"));
        program.areRatesHeld = false;
        QTRY_COMPARE(program.measuredRates().size(), 5);
    }

    // Its random model lies in memory until the measurement has ended: the engine would count it.
    void aLoad_waitsForTheMemoryOfAMeasurement() {
        const QTemporaryDir cache;
        RateProgram program(cache.path());
        program.areRatesHeld = true;
        program.load();
        QTRY_COMPARE(program.measuredRates().size(), 1);
        program.areRatesEnding = true;
        QVERIFY(program.models->load("/another.gguf"));
        QCOMPARE(program.models->state(), ModelController::Loading);
        QCoreApplication::processEvents();
        QCOMPARE(program.engine.loads().size(), std::size_t{1});
        // Nothing was asked of the engine, so the model before is what there is.
        program.models->cancelLoad();
        QCOMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.models->path(), QStringLiteral("/other.gguf"));
        QCOMPARE(program.engine.loads().size(), std::size_t{1});
        QVERIFY(program.models->load("/third.gguf"));
        program.areRatesEnding = false;
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.models->path(), QStringLiteral("/third.gguf"));
        for (const LoadOptions& load : program.engine.loads())
            QVERIFY(load.path != "/another.gguf");
    }

    // The card first; the processor for what lies on it.
    void bothDevices_areMeasuredForASplitModel() {
        const QTemporaryDir cache;
        RateProgram program(cache.path(), {processor(), card(0)}, 40);
        program.load();
        QTRY_VERIFY(program.measuredRates().contains("cpu Q5_K"));
        QTRY_VERIFY(program.measuredRates().contains("cuda:0 Q5_K"));
        QCOMPARE(program.measuredRates().front(), QStringLiteral("cuda:0 Q4_K"));
        QVERIFY(!program.measuredRates().contains("cpu Q4_K"));  // nothing needs it there
    }

    void withoutAPlaceToKeepThem_nothingIsMeasured() {
        RateProgram program{QString()};
        program.load();
        QTRY_VERIFY(program.speed() > 0);
        program.lookAgain();
        QVERIFY(program.measuredRates().empty());
    }
};

QTEST_MAIN(RateWatchTest)
#include "rate_watch_test.moc"
