// Measured rates are remembered per device, threads and version, and a file that is not ours is no
// harm.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "app/core/rate_store.h"

using namespace sotto;
using namespace sotto::app;

namespace {

const RateKey kKey{"cpu", "Some processor avx2", 4, "1.0"};

MachineRates someRates() {
    MachineRates rates;
    rates.readGbS = 40;
    rates.cacheGbS = 20;
    rates.types = {{DType::Q8_0, 36, 0.8}, {DType::Q4_K, 30, 0.5}};
    return rates;
}

}  // namespace

class RateStoreTest : public QObject {
    Q_OBJECT
private slots:
    void rates_comeBack();
    void rates_ofOthers_stay();
    void rates_ofAnotherMachine_areNotOurs();
    void foreignFiles_areNothing_data();
    void foreignFiles_areNothing();
    void unwritable_isAnError();

private:
    QTemporaryDir m_folder;
    std::filesystem::path file(const char* name) const {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
};

void RateStoreTest::rates_comeBack() {
    const RateStore store(file("new/rates.json"));
    QVERIFY(store.load(kKey).types.empty());
    QVERIFY(store.save(kKey, someRates()));
    const MachineRates rates = store.load(kKey);
    QCOMPARE(rates.deviceId, std::string("cpu"));
    QCOMPARE(rates.nThreads, 4);
    QCOMPARE(rates.readGbS, 40.0);
    QCOMPARE(rates.cacheGbS, 20.0);
    QCOMPARE(rates.types.size(), std::size_t{2});
    QCOMPARE(rates.find(DType::Q4_K)->decodeGbS, 30.0);
    QCOMPARE(rates.find(DType::Q4_K)->prefillTflops, 0.5);
}

void RateStoreTest::rates_ofOthers_stay() {
    const RateStore store(file("two.json"));
    RateKey other = kKey;
    other.nThreads = 8;
    MachineRates faster = someRates();
    faster.readGbS = 80;
    QVERIFY(store.save(kKey, someRates()));
    QVERIFY(store.save(other, faster));
    QVERIFY(store.save(other, faster));
    QCOMPARE(store.load(kKey).readGbS, 40.0);
    QCOMPARE(store.load(other).readGbS, 80.0);
}

void RateStoreTest::rates_ofAnotherMachine_areNotOurs() {
    const RateStore store(file("key.json"));
    QVERIFY(store.save(kKey, someRates()));
    for (const RateKey& other :
         {RateKey{"cuda:0", kKey.deviceName, 4, "1.0"}, RateKey{"cpu", "Another avx2", 4, "1.0"},
          RateKey{"cpu", kKey.deviceName, 5, "1.0"}, RateKey{"cpu", kKey.deviceName, 4, "1.1"}})
        QVERIFY(store.load(other).types.empty());
}

void RateStoreTest::foreignFiles_areNothing_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("{\"format\": 1, \"rates\": [");
    QTest::newRow("another format") << QByteArray("{\"format\": 2, \"rates\": []}");
    QTest::newRow("a list") << QByteArray("[1, 2]");
    QTest::newRow("format no number") << QByteArray("{\"format\": \"1\", \"rates\": []}");
    const QByteArray key =
        R"("key": {"device": "cpu", "name": "Some processor avx2", "threads": 4, "version": "1.0"})";
    QTest::newRow("rates no list") << QByteArray("{\"format\": 1, \"rates\": {}}");
    QTest::newRow("negative, unknown, of other kinds")
        << "{\"format\": 1, \"rates\": [7, {" + key +
               ", \"read_gb_s\": \"fast\", \"types\": [3, {\"type\": 5}, {\"type\": \"Q9_9\", "
               "\"decode_gb_s\": 1, \"prefill_tflops\": 1}, {\"type\": \"Q8_0\", "
               "\"decode_gb_s\": -1, \"prefill_tflops\": 1}]}]}";
    QTest::newRow("too long") << QByteArray(3 << 20, ' ');
}

void RateStoreTest::foreignFiles_areNothing() {
    QFETCH(QByteArray, text);
    const std::filesystem::path path = file("foreign.json");
    std::ofstream(path, std::ios::binary).write(text.constData(), text.size());
    const RateStore store(path);
    QVERIFY(store.load(kKey).types.empty());
    QCOMPARE(store.load(kKey).readGbS, 0.0);
    QVERIFY(store.save(kKey, someRates()));
    QCOMPARE(store.load(kKey).types.size(), std::size_t{2});
}

void RateStoreTest::unwritable_isAnError() {
    const std::filesystem::path folder = file("folder.json");
    std::filesystem::create_directory(folder);
    QVERIFY(!RateStore(folder).save(kKey, someRates()));
}

QTEST_GUILESS_MAIN(RateStoreTest)
#include "rate_store_test.moc"
