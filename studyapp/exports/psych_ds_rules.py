"""The rules of Psych-DS 1.5.0 by their codes, and the words of schema.org that they speak of. Data only.

Codes and levels are those of the standard's schema (`schema.json` of version 1.5.0); the sentences are ours.
schema.org's properties are those of Dataset, with CreativeWork and Thing, and of PropertyValue.
"""

import re


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STANDARD = "Psych-DS 1.5.0"
ERROR, WARNING = "error", "warning"

DATA_FILE = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.csv")
KEYWORDS = words("study site subject session task condition trial stimulus description")
REQUIRED_KEYS = ("name", "description", "variableMeasured")
RECOMMENDED_KEYS = ("author", "citation", "license", "funder", "url", "identifier", "privacyPolicy", "keywords")

# code -> (level, what is wrong)
RULES: dict[str, tuple[str, str]] = {
    "MISSING_DATASET_DESCRIPTION": (ERROR, "there is no dataset_description.json in the folder itself"),
    "MISSING_DATA_DIRECTORY": (ERROR, "there is no folder data"),
    "MISSING_DATAFILE": (ERROR, "there is no CSV file with a valid name below data"),
    "FILE_NOT_READ": (ERROR, "the file cannot be read"),
    "JSON_INVALID": (ERROR, "the file is no JSON"),
    "JSON_ENCODING_ERROR": (ERROR, "the JSON file is not UTF-8"),
    "INVALID_JSON_FORMATTING": (ERROR, "the metadata file is no JSON object"),
    "INVALID_JSONLD_FORMATTING": (ERROR, "the metadata are no JSON-LD"),
    "JSON_KEY_REQUIRED": (ERROR, "the metadata lack a required key of schema.org"),
    "MISSING_DATASET_TYPE": (ERROR, "the metadata have no @type"),
    "INCORRECT_DATASET_TYPE": (ERROR, "the metadata's @type is not schema.org's Dataset"),
    "FILENAME_KEYWORD_FORMATTING_ERROR": (ERROR, "the name is not made of keyword-value pairs and _data.csv"),
    "EXTENSION_MISMATCH": (ERROR, "the file's extension is not one that the standard knows for its name"),
    "CSV_FORMATTING_ERROR": (ERROR, "the file is no CSV in UTF-8"),
    "CSV_HEADER_MISSING": (ERROR, "the CSV file has no header"),
    "CSV_HEADER_REPEATED": (ERROR, "a name stands twice in the header"),
    "CSV_HEADER_LENGTH_MISMATCH": (ERROR, "a row has more or fewer cells than the header"),
    "ROWID_VALUES_NOT_UNIQUE": (ERROR, "a value stands twice in the column row_id"),
    "CSV_COLUMN_MISSING_FROM_METADATA": (ERROR, "a column is not among the metadata's variableMeasured"),
    "VARIABLE_MISSING_FROM_CSV_COLUMNS": (ERROR, "a variable of the metadata is a column of no CSV file"),
    "MISSING_README_DOC": (WARNING, "there is no README.md or README.txt"),
    "MISSING_CHANGES_DOC": (WARNING, "there is no CHANGES.md or CHANGES.txt"),
    "MISSING_ANALYSIS_DIRECTORY": (WARNING, "there is no folder analysis"),
    "MISSING_RESULTS_DIRECTORY": (WARNING, "there is no folder results"),
    "MISSING_MATERIALS_DIRECTORY": (WARNING, "there is no folder materials"),
    "MISSING_DOCUMENTATION_DIRECTORY": (WARNING, "there is no folder documentation"),
    "MISSING_PSYCHDSIGNORE": (WARNING, "there is no file .psychds-ignore"),
    "MISSING_DIRECTORY_METADATA": (WARNING, "no folder below data has a file_metadata.json; it is optional"),
    "MISSING_SIDECAR_METADATA": (WARNING, "no data file has metadata of its own; they are optional"),
    "FILE_EMPTY": (WARNING, "the file is empty"),
    "FILE_NOT_CHECKED": (WARNING, "the standard says nothing of this file"),
    "WRONG_METADATA_LOCATION": (WARNING, "a dataset_description.json belongs into the folder itself"),
    "FILENAME_UNOFFICIAL_KEYWORD_WARNING": (WARNING, "the name uses a keyword that is not the standard's own"),
    "JSON_KEY_RECOMMENDED": (WARNING, "the metadata lack a recommended key of schema.org"),
    "UNKNOWN_NAMESPACE": (WARNING, "a key of the metadata is not schema.org's"),
    "OBJECT_TYPE_MISSING": (WARNING, "an object in the metadata has no @type"),
    "INVALID_SCHEMAORG_PROPERTY": (WARNING, "a key is no property of its object's type"),
    "INVALID_OBJECT_TYPE": (WARNING, "an object's type is none that its key takes"),
}

# Codes of the schema that version 1.5.0 never gives, and why.
NEVER_GIVEN = {
    "MISSING_REQUIRED_ELEMENT": "what is missing has a code of its own",
    "FILENAME_UNOFFICIAL_KEYWORD_ERROR": "1.5.0 allows other keywords, with a warning",
}

_THING = words(
    "additionalType alternateName description disambiguatingDescription identifier image mainEntityOfPage "
    "name owner potentialAction sameAs subjectOf url"
)
_CREATIVE_WORK = _THING | words(
    "about abstract accessMode accessModeSufficient accessibilityAPI accessibilityControl "
    "accessibilityFeature accessibilityHazard accessibilitySummary accountablePerson acquireLicensePage "
    "aggregateRating alternativeHeadline archivedAt assesses associatedMedia audience audio author award "
    "awards character citation comment commentCount conditionsOfAccess contentLocation contentRating "
    "contentReferenceTime contributor copyrightHolder copyrightNotice copyrightYear correction "
    "countryOfOrigin creativeWorkStatus creator creditText dateCreated dateModified datePublished "
    "digitalSourceType discussionUrl displayLocation editEIDR editor educationalAlignment educationalLevel "
    "educationalUse encoding encodingFormat encodings exampleOfWork expires fileFormat funder funding genre "
    "hasPart headline inLanguage interactionStatistic interactivityType interpretedAsClaim "
    "isAccessibleForFree isBasedOn isBasedOnUrl isFamilyFriendly isPartOf keywords learningResourceType "
    "license locationCreated mainEntity maintainer material materialExtent mentions offers pattern position "
    "producer provider publication publisher publisherImprint publishingPrinciples recordedAt releasedEvent "
    "review reviews schemaVersion sdDatePublished sdLicense sdPublisher size sourceOrganization spatial "
    "spatialCoverage sponsor teaches temporal temporalCoverage text thumbnail thumbnailUrl timeRequired "
    "translationOfWork translator typicalAgeRange usageInfo version video wordCount workExample "
    "workTranslation"
)
# The types whose properties are known here; objects of other types are taken as they are.
PROPERTIES: dict[str, frozenset[str]] = {
    "Dataset": _CREATIVE_WORK
    | words(
        "catalog datasetTimeInterval distribution includedDataCatalog includedInDataCatalog issn "
        "measurementMethod measurementTechnique variableMeasured variablesMeasured"
    ),
    "PropertyValue": _THING
    | words(
        "maxValue measurementMethod measurementTechnique minValue propertyID unitCode unitText value valueReference"
    ),
}
# What types the objects may have that stand under a key; texts and addresses may stand under any.
TYPES_TAKEN: dict[str, frozenset[str]] = {
    "variableMeasured": frozenset({"Property", "PropertyValue", "LocationFeatureSpecification", "StatisticalVariable"}),
    "author": frozenset({"Person", "Organization"}),
    "creator": frozenset({"Person", "Organization"}),
    "funder": frozenset({"Person", "Organization"}),
    "identifier": frozenset({"PropertyValue", "LocationFeatureSpecification"}),
    "keywords": frozenset({"DefinedTerm", "CategoryCode"}),
}
