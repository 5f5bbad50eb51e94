namespace Srcnn.Engine.Models;

/// <summary>How a model file holds its tensors. They are read back into floats, so a smaller file runs no faster.</summary>
public enum WeightFormat
{
    /// <summary>As they were trained.</summary>
    Float,

    /// <summary>All of them as IEEE halves: 11 significant bits.</summary>
    Half,

    /// <summary>Weights as whole numbers of 8 bits, a factor for each output channel; biases and slopes stay float.</summary>
    Int8,
}
