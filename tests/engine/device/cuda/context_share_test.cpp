#include <QtTest>
#include <optional>

#include "engine/device/cuda/context_share.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

class ContextShareTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void failedContext_isResetWithItsLastShare();
    void workingContext_stays();
    void cards_areCountedApart();
};

namespace {

int nResets() { return static_cast<int>(simt::callCount("cudaDeviceReset")); }

}  // namespace

void ContextShareTest::failedContext_isResetWithItsLastShare() {
    const CudaDevice device = CudaDevice::open(0).value();
    std::optional<ContextShare> first(device), second(device);
    QVERIFY(failedContexts().empty());
    first->noteFailure();
    first.reset();
    QCOMPARE(nResets(), 0);
    QCOMPARE(failedContexts(), std::vector<int>{0});
    std::optional<ContextShare> third(device);  // as of a load meanwhile
    second.reset();
    QCOMPARE(nResets(), 0);
    third.reset();
    QCOMPARE(nResets(), 1);
    QVERIFY(failedContexts().empty());
    // What comes after has a context of its own.
    std::optional<ContextShare> next(device);
    next.reset();
    QCOMPARE(nResets(), 1);
}

void ContextShareTest::workingContext_stays() {
    const CudaDevice device = CudaDevice::open(0).value();
    { const ContextShare first(device), second(device); }
    QCOMPARE(nResets(), 0);
}

void ContextShareTest::cards_areCountedApart() {
    simt::setDevices({simt::DeviceSettings{}, simt::DeviceSettings{}});
    const CudaDevice device = CudaDevice::open(0).value();
    const CudaDevice otherDevice = CudaDevice::open(1).value();
    std::optional<ContextShare> share(device);
    const ContextShare other(otherDevice);
    share->noteFailure();
    share.reset();
    QCOMPARE(nResets(), 1);
}

QTEST_APPLESS_MAIN(ContextShareTest)
#include "context_share_test.moc"
