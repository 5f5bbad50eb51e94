namespace Srcnn.Engine.Imaging;

/// <summary>A folder of pictures, or a data set, cannot be used.</summary>
public sealed class DataException(string message) : Exception(message);
