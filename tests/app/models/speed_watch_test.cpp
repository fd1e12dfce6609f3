// What answers were measured at is held against their forecasts: the error that the window tells.
#include "app/models/speed_watch.h"

#include <QtTest>

#include "tests/app/chat/model_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

FakeScript drivenAt(double readGbS) {
    FakeScript script;
    script.readBandwidthGbS = readGbS;
    script.isDriven = true;
    script.describe = [](ModelInfo& info) { info.bytesPerToken = 40 * kGib; };
    return script;
}

// As long as `seconds` per token.
RequestStats answerOf(double seconds) {
    RequestStats answer;
    answer.generatedTokens = 64;
    answer.tpotMeanMs = answer.tpotP50Ms = answer.tpotP95Ms = 1000 * seconds;
    return answer;
}

}  // namespace

class SpeedWatchTest : public QObject {
    Q_OBJECT

private slots:
    // Six models, each of whose tokens took 4 % longer than was forecast, and one 10 %: the middle.
    void error_isTheMiddleOneOfTheModels() {
        ModelProgram program({processor()}, "auto", drivenAt(50));
        SpeedWatch watch({program.engineBridge, *program.models, program.jobs, {}});
        std::vector<std::string> paths;
        for (int index = 0; index < 7; ++index)
            paths.push_back("/m/" + std::to_string(index) + ".gguf");
        program.addToLibrary(paths);
        const double forecast = 40.0 * double(kGib) / 50e9;  // seconds per token
        for (std::size_t index = 0; index < paths.size(); ++index) {
            QCOMPARE(watch.modelCount(), static_cast<int>(index));
            program.models->load(QString::fromStdString(paths[index]));
            QTRY_COMPARE(program.models->state(), ModelController::Loaded);
            ChatPrompt chat;
            chat.messages.push_back({Role::User, "Hello"});
            GenerationRequest request;
            request.prompt = chat;
            QVERIFY(program.engineBridge.submit(request));
            program.engine.finish(StopReason::EndOfText,
                                  answerOf(forecast * (index == 3 ? 1.10 : 1.04)));
            QTRY_COMPARE(watch.modelCount(), static_cast<int>(index) + 1);
        }
        QVERIFY2(std::abs(watch.errorShare() - 0.04) < 1e-9,
                 qPrintable(QString::number(watch.errorShare())));
        // The row shows what was measured, and its next forecast is corrected by it.
        ModelListModel& list = *program.models->list();
        for (int row = 0; row < list.rowCount(); ++row) {
            const QModelIndex index = list.index(row);
            if (list.data(index, ModelListModel::PathRole) != QStringLiteral("/m/3.gguf")) continue;
            QTRY_COMPARE(list.data(index, ModelListModel::MeasuredSpeedRole).toDouble(),
                         1 / (1.10 * forecast));
            QVERIFY(std::abs(list.data(index, ModelListModel::PredictedSpeedRole).toDouble() *
                                 1.10 * forecast -
                             1) < 1e-9);
        }
    }
};

QTEST_MAIN(SpeedWatchTest)
#include "speed_watch_test.moc"
