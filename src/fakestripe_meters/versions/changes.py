"""All changes of versions, but for the fields that were only added: those are in `additions`."""

from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.checkout import AllowTypesOfSessions
from fakestripe_meters.versions.checkout import NameUiModes
from fakestripe_meters.versions.checkout import SubscribeInFlexible
from fakestripe_meters.versions.checkout import TakeAnchorConfigs
from fakestripe_meters.versions.checkout import TakeBillingModes
from fakestripe_meters.versions.checkout import TakeInvoiceTexts
from fakestripe_meters.versions.checkout import TakeTaxDetails
from fakestripe_meters.versions.credit_notes import LinkSeveralRefunds
from fakestripe_meters.versions.credit_notes import MixCreditNotes
from fakestripe_meters.versions.discounts import MoveCouponsToPromotions
from fakestripe_meters.versions.discounts import MoveCouponsToSources
from fakestripe_meters.versions.discounts import NamePromotions
from fakestripe_meters.versions.discounts import RemoveDiscount
from fakestripe_meters.versions.discounts import ReplaceCouponsOfPreviews
from fakestripe_meters.versions.discounts import ReplaceCouponsOfSubscriptions
from fakestripe_meters.versions.general_availability import HidePreviewMeterFields
from fakestripe_meters.versions.general_availability import HidePreviewSummaryFields
from fakestripe_meters.versions.payments import CaptureAsynchronously
from fakestripe_meters.versions.payments import CheckSecurityCodes
from fakestripe_meters.versions.payments import ExplainTheMinimum
from fakestripe_meters.versions.payments import FollowTheNewerProtocol
from fakestripe_meters.versions.payments import NameTheLatestCharge
from fakestripe_meters.versions.payments import RefuseListedTypes
from fakestripe_meters.versions.payments import SeparateInvoices
from fakestripe_meters.versions.payments import TakeAutomaticMethods
from fakestripe_meters.versions.preview_alerts import HidePreviewAlertFields
from fakestripe_meters.versions.preview_alerts import HidePreviewAlertFilter
from fakestripe_meters.versions.schedules import AddBillingModeToSchedules
from fakestripe_meters.versions.schedules import AddDurations
from fakestripe_meters.versions.schedules import RemoveCouponsOfPhases
from fakestripe_meters.versions.schedules import RemoveIterations
from fakestripe_meters.versions.schedules import ReplaceCouponsOfPhases
from fakestripe_meters.versions.schedules import ScheduleInFlexible
from fakestripe_meters.versions.v2024_04_10 import RenameProductFeatures
from fakestripe_meters.versions.v2024_09_30 import RenameUsageThreshold
from fakestripe_meters.versions.v2025_03_31 import MoveInvoiceItemOriginsToParent
from fakestripe_meters.versions.v2025_03_31 import MoveInvoiceOriginsToParent
from fakestripe_meters.versions.v2025_03_31 import MoveLineOriginsToParent
from fakestripe_meters.versions.v2025_03_31 import MovePeriodsToSubscriptionItems
from fakestripe_meters.versions.v2025_03_31 import MovePreviousAttributes
from fakestripe_meters.versions.v2025_03_31 import RemoveAggregateUsage
from fakestripe_meters.versions.v2025_03_31_requests import MoveInvoiceItemPriceToPricing
from fakestripe_meters.versions.v2025_03_31_requests import RemoveUpcomingInvoices
from fakestripe_meters.versions.v2025_05_28 import ReintroduceBillingThresholds
from fakestripe_meters.versions.v2025_06_30 import AddBillingMode
from fakestripe_meters.versions.v2025_06_30 import AddBillingModeToPreviews
from fakestripe_meters.versions.v2025_06_30 import DefaultToFlexible
from fakestripe_meters.versions.v2025_06_30 import MakeBillingModeAHash
from fakestripe_meters.versions.v2025_06_30 import MakeBillingModeOfPreviewsAHash
from fakestripe_meters.versions.v2025_06_30 import PreviewInFlexible
from fakestripe_meters.versions.v2025_06_30 import ShowBillingMode
from fakestripe_meters.versions.v2025_06_30 import ShowBillingModeAsHash
from fakestripe_meters.versions.v2025_07_30 import NameWhenSubscriptionsEnd
from fakestripe_meters.versions.v2025_09_30 import RenameMeterUsageFields
from fakestripe_meters.versions.v2025_10_29 import AddMeterUsageTenantGroups
from fakestripe_meters.versions.v2025_11_17 import MakeMeterUsageFiltersArrays
from fakestripe_meters.versions.v2026_05_27 import AllowEndsInPendingUpdates
from fakestripe_meters.versions.v2026_05_27 import AllowMetadataInPendingUpdates
from fakestripe_meters.versions.v2026_09_30 import MakeBillingCycleAnchorAHash
from fakestripe_meters.versions.v2026_09_30 import MakeBillingCycleAnchorOfPreviewsAHash
from fakestripe_meters.versions.v2026_09_30 import TakePaymentBehaviorOfResumptions

CHANGES: tuple[VersionChange, ...] = (
    MakeMeterUsageFiltersArrays(),
    AddMeterUsageTenantGroups(),
    RenameMeterUsageFields(),
)
"""Changes that previews made, newest first."""

# inferred: what one preview has, every preview has.
PREVIEW_ONLY: tuple[VersionChange, ...] = (
    HidePreviewMeterFields(),
    HidePreviewSummaryFields(),
    HidePreviewAlertFields(),
    HidePreviewAlertFilter(),
)
"""Parameters and fields that versions for general availability have never had."""

RELEASED: tuple[VersionChange, ...] = (
    NameUiModes(),
    MoveCouponsToSources(),
    MoveCouponsToPromotions(),
    MixCreditNotes(),
    LinkSeveralRefunds(),
    MovePeriodsToSubscriptionItems(),
    RemoveCouponsOfPhases(),
    MoveInvoiceOriginsToParent(),
    RemoveDiscount(),
    MoveLineOriginsToParent(),
    MoveInvoiceItemOriginsToParent(),
    RemoveAggregateUsage(),
    MovePreviousAttributes(),
    RemoveUpcomingInvoices(),
    SeparateInvoices(),
    RenameUsageThreshold(),
    RenameProductFeatures(),
    CheckSecurityCodes(),
    NameTheLatestCharge(),
    FollowTheNewerProtocol(),
)
"""Changes that releases made to answers, also in previews, newest first; the default version has all of them.

Those with `routes` have changed requests as well.
"""

REQUESTED: tuple[VersionChange, ...] = (
    RemoveIterations(),
    RefuseListedTypes(),
    MakeBillingCycleAnchorAHash(),
    MakeBillingCycleAnchorOfPreviewsAHash(),
    TakePaymentBehaviorOfResumptions(),
    AllowTypesOfSessions(),
    TakeInvoiceTexts(),
    TakeTaxDetails(),
    TakeAnchorConfigs(),
    AllowEndsInPendingUpdates(),
    AllowMetadataInPendingUpdates(),
    DefaultToFlexible(),
    PreviewInFlexible(),
    SubscribeInFlexible(),
    NamePromotions(),
    ScheduleInFlexible(),
    AddDurations(),
    NameWhenSubscriptionsEnd(),
    MakeBillingModeAHash(),
    MakeBillingModeOfPreviewsAHash(),
    AddBillingMode(),
    AddBillingModeToSchedules(),
    AddBillingModeToPreviews(),
    TakeBillingModes(),
    ReintroduceBillingThresholds(),
    ReplaceCouponsOfSubscriptions(),
    ReplaceCouponsOfPreviews(),
    ReplaceCouponsOfPhases(),
    MoveInvoiceItemPriceToPricing(),
    CaptureAsynchronously(),
    TakeAutomaticMethods(),
    ExplainTheMinimum(),
)
"""Changes that releases made to requests only, also in previews, newest first.

The default version has all of them, unless the parameters show that a request was written before.
"""

PREVIEWED: tuple[VersionChange, ...] = (
    ShowBillingModeAsHash(),
    ShowBillingMode(),
)
"""Changes that previews made to answers at other dates than releases, newest first."""
