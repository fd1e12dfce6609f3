#include <QtTest>
#include <optional>

#include "engine/device/cuda/context_share.h"
#include "engine/device/cuda/cuda_device.h"
#include "engine/device/cuda/cuda_devices.h"
#include "engine/device/cuda/cuda_error.h"
#include "engine/device/cuda/cuda_handles.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

class CudaDeviceTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void checkDriver_comparesAndSaysBoth_data();
    void checkDriver_comparesAndSaysBoth();
    void checkCapability_startsAtTuring_data();
    void checkCapability_startsAtTuring();
    void specBandwidth_followsTheDataSheets_data();
    void specBandwidth_followsTheDataSheets();
    void parseCudaDeviceId_takesOnlyIds_data();
    void parseCudaDeviceId_takesOnlyIds();
    void open_describesTheCard();
    void open_withoutUsableCard_saysWhy_data();
    void open_withoutUsableCard_saysWhy();
    void reset_whenTheDriverRecovers_givesAWorkingCard();
    void reset_ofALostCard_isDeviceFailed();
    void listCudaDevices_namesUsableAndUnusableCards();
    void listCudaDevices_oldDriver_isOneUnusableEntry();
    void listCudaDevices_withoutDriver_isEmpty();
    void listCudaDevices_keepsTheCallersCard();
    void listCudaDevices_oneFailed_namesTheOthers();
    void open_besideAFailedCard_works();
};

void CudaDeviceTest::checkDriver_comparesAndSaysBoth_data() {
    QTest::addColumn<int>("supported");
    QTest::addColumn<int>("built");
    QTest::addColumn<QString>("branch");
    QTest::addColumn<QString>("sentence");  // empty: accepted
    QTest::addRow("same") << 13000 << 13000 << "580.65.06"
                          << "";
    QTest::addRow("newer minor") << 13010 << 13000 << "590.1"
                                 << "";
    // Within one major version an older driver runs what a newer toolkit made.
    QTest::addRow("older minor") << 13000 << 13020 << "580.65.06"
                                 << "";
    QTest::addRow("12, code it cannot unpack")
        << 12020 << 12080 << "535.183.01"
        << "driver 535 is too old for this build, 550 or newer is needed";
    QTest::addRow("12, the oldest") << 12040 << 12080 << "550.54.14"
                                    << "";
    QTest::addRow("newer major") << 14000 << 13000 << "650.1"
                                 << "";
    QTest::addRow("older major") << 12040 << 13000 << "550.54.15"
                                 << "driver 550 is too old for this build, 580 or newer is needed";
    QTest::addRow("older, no name") << 12040 << 13000 << ""
                                    << "driver for CUDA 12.4 is too old for this build, 580";
    QTest::addRow("older, odd name") << 12080 << 13000 << "unknown"
                                     << "driver for CUDA 12.8 is too old";
    QTest::addRow("none") << 0 << 13000 << ""
                          << "There is no NVIDIA driver; 580 or newer";
    QTest::addRow("toolkit of the future") << 13000 << 15000 << "580.1"
                                           << "one for CUDA 15 is needed";
}

void CudaDeviceTest::checkDriver_comparesAndSaysBoth() {
    QFETCH(int, supported);
    QFETCH(int, built);
    QFETCH(QString, branch);
    QFETCH(QString, sentence);
    const Status status = checkDriver(
        {.supportedCuda = supported, .builtForCuda = built, .driverBranch = branch.toStdString()});
    QCOMPARE(status.has_value(), sentence.isEmpty());
    if (status) return;
    QCOMPARE(status.error().code, ErrorCode::Unsupported);
    const QString message = QString::fromStdString(status.error().message);
    QVERIFY2(message.contains(sentence), qPrintable(message));
    QVERIFY2(message.contains("use the processor"), qPrintable(message));
}

void CudaDeviceTest::checkCapability_startsAtTuring_data() {
    QTest::addColumn<int>("major");
    QTest::addColumn<int>("minor");
    QTest::addColumn<bool>("isUsable");
    QTest::addRow("Pascal") << 6 << 1 << false;
    QTest::addRow("Volta") << 7 << 0 << false;
    QTest::addRow("Xavier") << 7 << 2 << false;
    QTest::addRow("Turing") << 7 << 5 << true;
    QTest::addRow("Ada") << 8 << 9 << true;
    QTest::addRow("Blackwell") << 12 << 0 << true;
}

void CudaDeviceTest::checkCapability_startsAtTuring() {
    QFETCH(int, major);
    QFETCH(int, minor);
    QFETCH(bool, isUsable);
    CudaDeviceProperties properties;
    properties.name = "Old Card";
    properties.major = major;
    properties.minor = minor;
    const Status status = checkCapability(properties);
    QCOMPARE(status.has_value(), isUsable);
    if (status) return;
    QCOMPARE(status.error().code, ErrorCode::Unsupported);
    const QString message = QString::fromStdString(status.error().message);
    QVERIFY2(message.contains(
                 QString("Old Card has compute capability %1.%2; 7.5").arg(major).arg(minor)),
             qPrintable(message));
}

// The clocks that the driver names and the bandwidths of the makers' data sheets.
void CudaDeviceTest::specBandwidth_followsTheDataSheets_data() {
    QTest::addColumn<double>("clockMhz");
    QTest::addColumn<int>("busBits");
    QTest::addColumn<double>("gbS");
    QTest::addRow("RTX 4090") << 10501.0 << 384 << 1008.0;
    QTest::addRow("RTX 2060") << 7001.0 << 192 << 336.0;
    QTest::addRow("A100 40 GB") << 1215.0 << 5120 << 1555.0;
    QTest::addRow("unknown") << 0.0 << 384 << 0.0;
}

void CudaDeviceTest::specBandwidth_followsTheDataSheets() {
    QFETCH(double, clockMhz);
    QFETCH(int, busBits);
    QFETCH(double, gbS);
    CudaDeviceProperties properties;
    properties.memoryClockMhz = clockMhz;
    properties.memoryBusBits = busBits;
    // Data sheets are rounded to whole GB/s.
    QVERIFY(std::abs(properties.specBandwidthGbS() - gbS) <= 0.5);
}

void CudaDeviceTest::parseCudaDeviceId_takesOnlyIds_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("index");  // -1: refused
    QTest::addRow("first") << "cuda:0" << 0;
    QTest::addRow("twelfth") << "cuda:11" << 11;
    for (const char* wrong : {"", "cuda", "cuda:", "cuda:-1", "cuda:1x", "cuda: 1", "CUDA:0", "cpu",
                              "cuda:99999999999999"})
        QTest::addRow("'%s'", wrong) << wrong << -1;
}

void CudaDeviceTest::parseCudaDeviceId_takesOnlyIds() {
    QFETCH(QString, text);
    QFETCH(int, index);
    const auto parsed = parseCudaDeviceId(text.toStdString());
    QCOMPARE(parsed.has_value(), index >= 0);
    if (parsed)
        QCOMPARE(*parsed, index);
    else
        QCOMPARE(parsed.error().code, ErrorCode::InvalidArgument);
}

void CudaDeviceTest::open_describesTheCard() {
    simt::setDevices({{},
                      {.name = "Second Card",
                       .major = 9,
                       .minor = 0,
                       .nMultiprocessors = 7,
                       .memoryBytes = std::size_t{3} << 30,
                       .memoryUsedByOthers = std::size_t{1} << 30,
                       .sharedBytesOptin = 227 * 1024,
                       .l2Bytes = 6u << 20}});
    const auto device = CudaDevice::open(1);
    QVERIFY(device.has_value());
    const CudaDeviceProperties& properties = device->properties();
    QCOMPARE(properties.index, 1);
    QCOMPARE(properties.name, std::string("Second Card"));
    QCOMPARE(properties.architecture(), std::string("sm_90"));
    QCOMPARE(properties.nSms, 7);
    QCOMPARE(properties.sharedMemoryPerBlock, std::size_t{227} * 1024);
    QCOMPARE(properties.l2Bytes, std::size_t{6} << 20);
    QCOMPARE(properties.memoryTotal, std::uint64_t{3} << 30);
    QVERIFY(!properties.pciBusId.empty());
    int current = -1;
    QCOMPARE(cudaGetDevice(&current), cudaSuccess);
    QCOMPARE(current, 1);
    QCOMPARE(device->memory()->totalBytes, std::uint64_t{3} << 30);
    QCOMPARE(device->memory()->freeBytes, std::uint64_t{2} << 30);
    const DeviceBuffer buffer = allocateDeviceBuffer(1u << 20, "a test").value();
    QCOMPARE(device->memory()->freeBytes, (std::uint64_t{2} << 30) - kDevicePageBytes);
}

void CudaDeviceTest::open_withoutUsableCard_saysWhy_data() {
    QTest::addColumn<int>("driver");
    QTest::addColumn<int>("nDevices");
    QTest::addColumn<int>("capability");
    QTest::addColumn<int>("index");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("sentence");
    const int unsupported = int(ErrorCode::Unsupported);
    const int argument = int(ErrorCode::InvalidArgument);
    QTest::addRow("no driver") << 0 << 1 << 89 << 0 << unsupported << "There is no NVIDIA driver";
    QTest::addRow("old driver") << 12040 << 1 << 89 << 0 << unsupported << "580 or newer";
    QTest::addRow("no card") << 13000 << 0 << 89 << 0 << unsupported << "no NVIDIA card";
    QTest::addRow("old card") << 13000 << 1 << 61 << 0 << unsupported << "capability 6.1; 7.5";
    QTest::addRow("index") << 13000 << 1 << 89 << 1 << argument << "this machine has cuda:0.";
    QTest::addRow("index of 2") << 13000 << 2 << 89 << 2 << argument << "has cuda:0 to cuda:1.";
    QTest::addRow("negative") << 13000 << 1 << 89 << -1 << argument << "no card cuda:-1";
}

void CudaDeviceTest::open_withoutUsableCard_saysWhy() {
    QFETCH(int, driver);
    QFETCH(int, nDevices);
    QFETCH(int, capability);
    QFETCH(int, index);
    QFETCH(int, code);
    QFETCH(QString, sentence);
    simt::setVersions(driver, 13000);
    simt::setDevices(std::vector<simt::DeviceSettings>(
        std::size_t(nDevices), {.major = capability / 10, .minor = capability % 10}));
    const auto device = CudaDevice::open(index);
    QVERIFY(!device.has_value());
    QCOMPARE(int(device.error().code), code);
    QVERIFY2(QString::fromStdString(device.error().message).contains(sentence),
             device.error().message.c_str());
}

// A fault that the runtime still reports on the first call, but that ends with the context.
void CudaDeviceTest::reset_whenTheDriverRecovers_givesAWorkingCard() {
    const CudaDevice device = CudaDevice::open(0).value();
    simt::injectFailure("cudaSetDevice", 1, cudaErrorIllegalAddress);
    QVERIFY(device.reset().has_value());
    QCOMPARE(simt::callCount("cudaDeviceReset"), 1);
    QVERIFY(checkLaunches("launching").has_value());
    QVERIFY(allocateDeviceBuffer(16, "a test").has_value());
    QCOMPARE(simt::leaks(), std::string());
}

void CudaDeviceTest::reset_ofALostCard_isDeviceFailed() {
    const CudaDevice device = CudaDevice::open(0).value();
    simt::injectFailure("cudaDeviceSynchronize", 1, cudaErrorECCUncorrectable, true);
    QCOMPARE(check(cudaDeviceSynchronize(), "waiting").error().code, ErrorCode::DeviceFailed);
    QCOMPARE(allocateDeviceBuffer(16, "a test").error().code, ErrorCode::DeviceFailed);
    const Status status = device.reset();
    QVERIFY(!status.has_value());
    QCOMPARE(status.error().code, ErrorCode::DeviceFailed);
    QCOMPARE(simt::callCount("cudaDeviceReset"), 1);
}

void CudaDeviceTest::listCudaDevices_namesUsableAndUnusableCards() {
    simt::setDevices({{.name = "Good Card",
                       .nMultiprocessors = 5,
                       .memoryBytes = std::size_t{2} << 30,
                       .memoryUsedByOthers = std::size_t{1} << 29},
                      {.name = "Old Card", .major = 6, .minor = 1}});
    const auto devices = listCudaDevices();
    QCOMPARE(devices.size(), std::size_t{2});
    QCOMPARE(devices[0].id, std::string("cuda:0"));
    QCOMPARE(devices[0].name, std::string("Good Card"));
    QCOMPARE(devices[0].instructionSet, std::string("sm_89"));
    QCOMPARE(devices[0].nCores, 5);
    QCOMPARE(devices[0].memoryTotal, std::uint64_t{2} << 30);
    QCOMPARE(devices[0].memoryAvailable, std::uint64_t{3} << 29);
    QCOMPARE(devices[0].unusableReason, std::string());
    QCOMPARE(devices[1].id, std::string("cuda:1"));
    QVERIFY(devices[1].unusableReason.find("capability 6.1") != std::string::npos);
}

void CudaDeviceTest::listCudaDevices_oldDriver_isOneUnusableEntry() {
    simt::setVersions(12040, 13000);
    const auto devices = listCudaDevices();
    QCOMPARE(devices.size(), std::size_t{1});
    QVERIFY(devices[0].unusableReason.find("too old for this build, 580") != std::string::npos);
}

void CudaDeviceTest::listCudaDevices_withoutDriver_isEmpty() {
    simt::setVersions(0, 13000);
    QVERIFY(listCudaDevices().empty());
}

void CudaDeviceTest::listCudaDevices_keepsTheCallersCard() {
    simt::setDevices({{}, {}});
    const CudaDevice device = CudaDevice::open(1).value();
    QCOMPARE(listCudaDevices().size(), std::size_t{2});
    int current = -1;
    QCOMPARE(cudaGetDevice(&current), cudaSuccess);
    QCOMPARE(current, 1);
}

namespace {

// The context of the first of two cards has failed, and somebody still holds it.
struct OneFailed {
    OneFailed() {
        simt::setDevices({{.name = "First"}, {.name = "Second"}});
        share.emplace(CudaDevice::open(0).value());
        simt::injectFailure("cudaDeviceSynchronize", 1, cudaErrorIllegalAddress, true);
        static_cast<void>(check(cudaDeviceSynchronize(), "waiting"));
        share->noteFailure();
    }
    std::optional<ContextShare> share;
};

}  // namespace

void CudaDeviceTest::listCudaDevices_oneFailed_namesTheOthers() {
    OneFailed cards;
    for (int attempt = 0; attempt < 2; ++attempt) {
        const auto devices = listCudaDevices();
        QCOMPARE(devices.size(), std::size_t{2});
        QCOMPARE(devices[0].id, std::string("cuda:0"));
        QVERIFY(devices[0].unusableReason.find("Unload that one") != std::string::npos);
        QCOMPARE(devices[1].id, std::string("cuda:1"));
        QCOMPARE(devices[1].name, std::string("Second"));
        QCOMPARE(devices[1].unusableReason, std::string());
        QVERIFY(devices[1].memoryAvailable > 0);
    }
    QVERIFY(checkCuda().has_value());
    QCOMPARE(simt::callCount("cudaDeviceReset"), 0);
    cards.share.reset();
    QCOMPARE(listCudaDevices()[0].unusableReason, std::string());
}

void CudaDeviceTest::open_besideAFailedCard_works() {
    const OneFailed cards;
    const auto other = CudaDevice::open(1);
    QVERIFY2(other.has_value(), other ? "" : other.error().message.c_str());
    QVERIFY(allocateDeviceBuffer(16, "a test").has_value());
}

QTEST_APPLESS_MAIN(CudaDeviceTest)
#include "cuda_device_test.moc"
